// Loaded into a process before its own code: shifts its clock by HALFROOM_TEST_CLOCK_MS, so that a folder is opened on the day
// it was made, however much later the test runs. Worker threads load it too.
const shift = Number(process.env.HALFROOM_TEST_CLOCK_MS);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + shift] : args));
  }

  static now() {
    return RealDate.now() + shift;
  }
};
