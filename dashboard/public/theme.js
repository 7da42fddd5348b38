// Applies the saved theme before the first paint. See src/components/theme.ts.
try {
  const theme = localStorage.getItem('wharf.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // storage is disabled, so the system theme applies
}
