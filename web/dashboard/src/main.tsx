import './styles.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { I18nProvider } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import { router } from './app/router';
import { onSessionExpired, queryClient } from './app/runtime';
import { Toasts, toast } from './ui/toast';

onSessionExpired(() => {
  const next = router.state.location.href;
  void router.navigate({ to: '/sign-in', search: { next } });
  toast('Your session has ended. Sign in to go on; what you were writing is kept.');
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    // The dashboard speaks English, whatever the browser does: React Aria has no other words in this bundle.
    <I18nProvider locale="en-US">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </I18nProvider>,
  );
}
