import { endSeries, listSeries, readSeries, readTrend, trendAs } from "@halfroom/node";
import { FORM_TYPES } from "../contract/reports.ts";
import type { seriesRoutes } from "../contract/series.ts";
import type { Handlers } from "./hands.ts";

export const seriesHandlers: Handlers<keyof typeof seriesRoutes> = {
  listSeries: ({ node }) => listSeries(node),
  showSeries: ({ node }, { params: { id } }) => readSeries(node, id),
  endSeries: ({ node }, { params: { id } }) => endSeries(node, id),
  async showTrend({ node }, { params: { id }, query: { form } }) {
    const text = await trendAs(form, await readTrend(node, id));
    return { text, type: FORM_TYPES[form], name: `trend-${id}` };
  },
};
