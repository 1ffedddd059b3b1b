import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { api } from '../api/endpoints';
import { isStatus, Problem, problemText } from '../api/problem';
import { begin } from '../app/runtime';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { AuthFrame, FormProblem } from './frame';
import { type Strength, strength } from './password';

export function SetupPage() {
  const navigate = useNavigate();
  const [form, setForm] = useState({ token: '', workspace: '', name: '', email: '', password: '' });
  useEffect(() => {
    document.title = 'Set up · Botimum';
    void api
      .setupNeeded()
      .then(({ needed }) => {
        if (!needed) void navigate({ to: '/sign-in' });
      })
      .catch(() => {});
  }, [navigate]);

  const setUp = useMutation({
    mutationFn: () => api.setUp({ ...form, token: form.token.trim(), email: form.email.trim() }),
    onSuccess: (session) => {
      begin(session);
      void navigate({ to: '/settings/install' });
    },
  });
  const problem = setUp.error instanceof Problem ? setUp.error : null;
  const tokenProblem =
    problem?.field('token') ??
    (isStatus(problem, 401, 403)
      ? 'This token is not valid. Copy the one that the server printed when it started.'
      : undefined);
  const generic = setUp.error && !tokenProblem && !problem?.fields.length ? problemText(setUp.error) : null;
  const field = (name: keyof typeof form) => ({
    name,
    required: true,
    value: form[name],
    onChange: (e: { target: { value: string } }) => setForm((f) => ({ ...f, [name]: e.target.value })),
    problem: problem?.field(name),
    className: 'mb-4',
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!setUp.isPending) setUp.mutate();
  };

  return (
    <AuthFrame
      title="Set up your workspace"
      intro="One minute, once. You become its owner, and get one line to put on your website."
    >
      <form onSubmit={submit} noValidate>
        <FormProblem text={generic} />
        <TextField
          {...field('token')}
          label="Set-up token"
          hint="The server printed it on its terminal. It works once."
          problem={tokenProblem}
          autoComplete="one-time-code"
          spellCheck={false}
          autoFocus
        />
        <TextField
          {...field('workspace')}
          label="Workspace"
          placeholder="Your company or website"
          autoComplete="organization"
        />
        <TextField
          {...field('name')}
          label="Your name"
          hint="Visitors see it beside your answers."
          autoComplete="name"
        />
        <TextField {...field('email')} label="E-mail" type="email" autoComplete="username" />
        <TextField
          {...field('password')}
          label="Password"
          type="password"
          autoComplete="new-password"
          className="mb-2"
        />
        <StrengthBar
          value={strength(form.password, [
            form.email.split('@')[0] ?? '',
            form.workspace,
            ...form.name.split(' '),
          ])}
        />
        <Button type="submit" look="primary" size="lg" className="mt-4 w-full" busy={setUp.isPending}>
          {setUp.isPending ? 'Setting up…' : 'Create the workspace'}
        </Button>
      </form>
    </AuthFrame>
  );
}

/** Three marks and a word: readable without colour. */
export function StrengthBar({ value }: { value: Strength }) {
  return (
    <div className="flex h-5 items-center gap-3">
      <span className="flex w-24 gap-1" aria-hidden="true">
        {[1, 2, 3].map((step) => (
          <span
            key={step}
            className={`h-1 flex-1 rounded-full ${value.level >= step ? 'bg-ink-soft' : 'bg-line-strong'}`}
          />
        ))}
      </span>
      <span className="text-sm text-ink-faint" aria-live="polite">
        {value.hint || 'At least 12 characters.'}
      </span>
    </div>
  );
}
