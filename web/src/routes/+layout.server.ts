import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = ({ locals }) => ({ now: Date.now(), timeZone: locals.timeZone });
