/** The result of `work`, unless it takes longer: then its signal is aborted and this rejects, whatever `work` still does. */
export async function withinTime<T>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), milliseconds);
  const tooLate = Promise.withResolvers<never>();
  limit.signal.addEventListener('abort', () => tooLate.reject(limit.signal.reason));
  try {
    return await Promise.race([work(limit.signal), tooLate.promise]);
  } finally {
    clearTimeout(timer);
  }
}
