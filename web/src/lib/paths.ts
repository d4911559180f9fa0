import type { Organization } from './data/records.ts';

/** Names our own pages have taken; an organization called like one is reached by its id. */
const taken = new Set(['sign-in', 'sign-up', 'sign-out', 'welcome', 'join']);

/** The address under which an organization's pages lie. */
export function organizationPath(organization: Pick<Organization, 'id' | 'slug'>): string {
  return `/${taken.has(organization.slug) ? organization.id : organization.slug}`;
}
