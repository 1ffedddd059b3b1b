import { useMutation } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { api } from '../api/endpoints';
import { isStatus, Problem, problemText } from '../api/problem';
import { afterSignIn, router } from '../app/router';
import { begin, loadSession } from '../app/runtime';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { AuthFrame, FormProblem } from './frame';

export function SignInPage() {
  const { next } = useSearch({ from: '/sign-in' });
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  useEffect(() => {
    document.title = 'Sign in · Botimum';
    void loadSession()
      .then(async (found) => {
        if (found) afterSignIn(next);
        else if ((await api.setupNeeded()).needed) void router.navigate({ to: '/setup' });
      })
      .catch(() => {});
  }, [next]);

  const signIn = useMutation({
    mutationFn: () => api.signIn({ email: email.trim(), password }),
    onSuccess: (session) => {
      begin(session);
      afterSignIn(next);
    },
  });
  const problem = signIn.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!signIn.isPending) signIn.mutate();
  };

  return (
    <AuthFrame title="Welcome back" intro="Sign in to answer the people who wrote to you.">
      <form onSubmit={submit} noValidate>
        <FormProblem text={formText(problem)} />
        <TextField
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          required
          value={email}
          onChange={(e) => setEmail(e.target.value)}
          problem={problem instanceof Problem ? problem.field('email') : undefined}
          className="mb-4"
        />
        <TextField
          label="Password"
          type="password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(e) => setPassword(e.target.value)}
          problem={problem instanceof Problem ? problem.field('password') : undefined}
          className="mb-6"
        />
        <Button type="submit" look="primary" size="lg" className="w-full" busy={signIn.isPending}>
          {signIn.isPending ? 'Signing in…' : 'Sign in'}
        </Button>
      </form>
    </AuthFrame>
  );
}

function formText(problem: unknown): string | null {
  if (!problem) return null;
  if (isStatus(problem, 401))
    return 'That e-mail address and password do not go together. Check both and try again.';
  if (problem instanceof Problem && problem.retryAfter) {
    const minutes = Math.ceil(problem.retryAfter / 60);
    return `Too many tries. Wait ${minutes > 1 ? `${minutes} minutes` : 'a minute'}, then try again.`;
  }
  if (problem instanceof Problem && problem.fields.length) return null;
  return problemText(problem);
}
