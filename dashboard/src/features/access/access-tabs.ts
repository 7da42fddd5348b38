/** Parts of a server's Access page, as its address names them. Here, so that the router does not load the page to know them. */
export const ACCESS_TABS = ['rules', 'apps', 'machines', 'keys'] as const
export type AccessTab = (typeof ACCESS_TABS)[number]
