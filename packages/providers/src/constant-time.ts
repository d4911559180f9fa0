/**
 * Compares without stopping at the first difference, so the time taken says nothing about how much of a guess
 * was right. The length is checked first: that of a genuine signature is fixed by its algorithm and no secret.
 */
export function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
