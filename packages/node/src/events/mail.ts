// One event as a mail: plain text, one sentence and what to do about it.
import { createTransport } from "nodemailer";
import { printable } from "@halfroom/wire/words";
import { proxyFor } from "../partners/proxy.ts";
import type { NodeState } from "../node-state.ts";
import { ATTEMPT_MS, Undelivered } from "./attempt.ts";
import type { StoredEvent } from "./events.ts";
import { wordsOf } from "./kinds.ts";
import { passwordIn } from "./secrets.ts";
import { isLoopback, type MailTarget } from "./settings.ts";

type Sending = Pick<NodeState, "folder" | "settings">;

interface Mail {
  readonly subject: string;
  readonly text: string;
}

function mailOf(event: StoredEvent): Mail {
  const { words, remedy } = wordsOf(event);
  const sentence = printable(`${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`);
  const when = `${new Date(event.at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const parts = [
    sentence,
    ...(remedy === "" ? [] : [printable(remedy)]),
    `${event.type}, ${when}, ${event.id}`,
  ];
  return { subject: `Halfroom: ${printable(words)}`, text: `${parts.join("\n\n")}\n` };
}

/** Errors: `Undelivered`; `settings`, `open-to-others`, `folder`; those of the system. */
export async function sendMail(
  { folder, settings }: Sending,
  { addresses }: Pick<MailTarget, "addresses">,
  event: StoredEvent,
): Promise<void> {
  const { mail_server: server, mail_user: user, mail_password: file, mail_from: from } = settings;
  const { protocol, hostname, port } = new URL(server);
  const host = hostname.replaceAll(/[[\]]/g, "");
  const proxy = proxyFor(settings, `${hostname}:${port}`);
  const password = file === "" ? "" : await passwordIn(folder, file);
  const transport = createTransport({
    host,
    port: Number(port),
    secure: protocol === "smtps:",
    // Nothing goes to another machine in the clear; a relay on this one may have any certificate.
    requireTLS: !isLoopback(hostname),
    ignoreTLS: isLoopback(hostname),
    ...(user !== "" && { auth: { user, pass: password } }),
    ...(proxy !== undefined && { proxy: proxy.href }),
    connectionTimeout: ATTEMPT_MS,
    greetingTimeout: ATTEMPT_MS,
    socketTimeout: ATTEMPT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from,
      to: [...addresses],
      ...mailOf(event),
      // The same after a retry: servers and programs of mail show one of two that are the same.
      messageId: `<${event.id}@${from.slice(from.lastIndexOf("@") + 1)}>`,
      date: new Date(event.at),
      headers: { "Auto-Submitted": "auto-generated" },
    });
  } catch (error) {
    throw refusalOf(error);
  } finally {
    transport.close();
  }
}

/** What the server answers may quote addresses and more: its code alone is told. */
function refusalOf(error: unknown): unknown {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  if (code === "EAUTH")
    return new Undelivered(
      "it does not take the account in `mail_user` with the password in `mail_password`",
      {
        cause: error,
      },
    );
  if (code === "ETLS") return new Undelivered("it does not change to TLS", { cause: error });
  if (typeof responseCode === "number")
    return new Undelivered(`it answers SMTP ${responseCode}`, { cause: error });
  return error;
}
