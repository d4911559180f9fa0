// Imported before anything else by a worker under test: its wall clock is wrong by SKEW_MS, its monotonic one is not.
const skew = Number(process.env['SKEW_MS']);
const RealDate = Date;

const now = () => RealDate.now() + skew;

Object.defineProperty(globalThis, 'Date', {
  value: new Proxy(RealDate, {
    construct: (target, given, newTarget): Date =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
    get: (target, property) => (property === 'now' ? now : (Reflect.get(target, property) as unknown)),
  }),
});
