/** One populated zone for every few hours around the globe. */
const zones = [
  'Pacific/Auckland',
  'Asia/Tokyo',
  'Asia/Dhaka',
  'Asia/Dubai',
  'Europe/Berlin',
  'Atlantic/Azores',
  'America/Sao_Paulo',
  'America/New_York',
  'America/Denver',
  'America/Anchorage',
  'Pacific/Honolulu',
];

/**
 * A zone where it is about one in the afternoon: customers who live there may be texted now by every rule of quiet
 * hours, whenever the bench runs, and the rules need not be switched off for it.
 */
export function daytimeZone(now: Date): string {
  const distance = (zone: string): number => {
    const text = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hour: 'numeric',
      hourCycle: 'h23',
    }).format(now);
    return Math.abs(Number(text) - 13);
  };
  return zones.reduce((best, zone) => (distance(zone) < distance(best) ? zone : best));
}
