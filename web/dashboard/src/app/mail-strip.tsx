import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { may } from './permissions';
import { useCan } from './session';

/** Says, where people are waiting for mail, that it does not go out. Quiet while it does. */
export function MailStrip() {
  const { data } = useQuery({
    queryKey: keys.mail,
    queryFn: ({ signal }) => api.mail(signal),
    enabled: useCan(may.readWorkspace),
    staleTime: 60_000,
  });
  const isStuck = data?.waiting && (!data.configured || data.troubles.some((t) => t.state === 'queued'));
  if (!isStuck) return null;
  return (
    <p
      role="status"
      className="border-b border-time-line bg-time-soft px-4 py-1.5 text-center text-sm text-time-text"
    >
      {data.waiting === 1 ? 'One mail waits' : `${data.waiting} mails wait`}
      {data.configured ? ': the mail server does not take them. ' : ': no mail server is set up. '}
      <Link to="/settings/mail" className="font-medium underline underline-offset-2">
        See Mail
      </Link>
    </p>
  );
}
