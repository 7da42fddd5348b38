/**
 * Tabs of the Access page, as in the query string. A file of its own, so the router need not
 * load the page.
 */
export const ACCESS_TABS = ['rules', 'apps', 'machines', 'keys'] as const
export type AccessTab = (typeof ACCESS_TABS)[number]
