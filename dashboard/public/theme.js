// Before anything is painted, so that no page flashes in the other theme. See src/theme.ts.
try {
  const theme = localStorage.getItem('wharf.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // no storage: as the system says
}
