/* Runs before the first paint, so that a chosen theme never flashes. Only the word "light" or "dark" is kept. */
try {
  const theme = localStorage.getItem('botimum.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {}
