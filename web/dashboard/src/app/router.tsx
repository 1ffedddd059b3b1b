import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { api } from '../api/endpoints';
import { type Filters, readFilters } from '../boards/filters';
import { isSort, type Sort } from '../companies/sorts';
import { isView, type View } from '../inbox/views';
import { readInsight } from '../insight/search';
import { Missing, Unreachable } from './fallback';
import { loadSession, session } from './runtime';

const root = createRootRoute({ component: Outlet, notFoundComponent: Missing });

/** Only paths of our own may be returned to after sign-in. */
const safeNext = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined;

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string } => {
    const next = safeNext(search['next']);
    return next ? { next } : {};
  },
  component: lazyRouteComponent(() => import('../auth/sign-in'), 'SignInPage'),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('../auth/setup'), 'SetupPage'),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ location }) => {
    if (await loadSession()) return;
    const { needed } = await api.setupNeeded().catch(() => ({ needed: false }));
    if (needed) throw redirect({ to: '/setup' });
    throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.href } });
  },
  component: lazyRouteComponent(() => import('./shell'), 'Shell'),
  errorComponent: Unreachable,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/inbox' });
  },
});

const inbox = createRoute({
  getParentRoute: () => shell,
  path: '/inbox',
  validateSearch: (search: Record<string, unknown>): { view?: View } =>
    isView(search['view']) ? { view: search['view'] } : {},
  component: lazyRouteComponent(() => import('../inbox/page'), 'InboxPage'),
});

const inboxIndex = createRoute({
  getParentRoute: () => inbox,
  path: '/',
  component: lazyRouteComponent(() => import('../inbox/page'), 'NothingOpen'),
});

const conversation = createRoute({
  getParentRoute: () => inbox,
  path: '$conversationId',
  component: lazyRouteComponent(() => import('../inbox/page'), 'ConversationPage'),
});

const contacts = createRoute({
  getParentRoute: () => shell,
  path: '/contacts',
  validateSearch: (search: Record<string, unknown>): { segment?: string } =>
    typeof search['segment'] === 'string' ? { segment: search['segment'] } : {},
  component: lazyRouteComponent(() => import('../contacts/list'), 'ContactsPage'),
});

const contact = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/$contactId',
  component: lazyRouteComponent(() => import('../contacts/page'), 'ContactPage'),
});

const companies = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/companies',
  validateSearch: (search: Record<string, unknown>): { by?: Sort } =>
    isSort(search['by']) ? { by: search['by'] } : {},
  component: lazyRouteComponent(() => import('../companies/list'), 'CompaniesPage'),
});

const company = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/companies/$companyId',
  component: lazyRouteComponent(() => import('../companies/page'), 'CompanyPage'),
});

const segments = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/segments',
  component: lazyRouteComponent(() => import('../segments/list'), 'SegmentsPage'),
});

const segment = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/segments/$segmentId',
  validateSearch: (search: Record<string, unknown>): { from?: string } =>
    typeof search['from'] === 'string' ? { from: search['from'] } : {},
  component: lazyRouteComponent(() => import('../segments/page'), 'SegmentPage'),
});

const duplicates = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/duplicates',
  component: lazyRouteComponent(() => import('../merging/duplicates'), 'DuplicatesPage'),
});

const boards = createRoute({
  getParentRoute: () => shell,
  path: '/boards',
  component: lazyRouteComponent(() => import('../boards/list'), 'BoardsPage'),
});

const boardQueue = createRoute({
  getParentRoute: () => shell,
  path: '/boards/queue',
  validateSearch: (search: Record<string, unknown>): { board?: string } =>
    typeof search['board'] === 'string' && search['board'] ? { board: search['board'] } : {},
  component: lazyRouteComponent(() => import('../boardqueue/page'), 'QueuePage'),
});

const board = createRoute({
  getParentRoute: () => shell,
  path: '/boards/$boardId',
  component: lazyRouteComponent(() => import('../boards/layout'), 'BoardLayout'),
});

const triage = createRoute({
  getParentRoute: () => board,
  id: 'triage',
  validateSearch: (search: Record<string, unknown>): Filters => readFilters(search),
  component: lazyRouteComponent(() => import('../boards/triage'), 'TriagePage'),
});

const triageIndex = createRoute({
  getParentRoute: () => triage,
  path: '/',
  component: lazyRouteComponent(() => import('../boards/triage'), 'NoPost'),
});

const post = createRoute({
  getParentRoute: () => triage,
  path: 'posts/$postId',
  component: lazyRouteComponent(() => import('../boards/post'), 'PostPage'),
});

const imports = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/imports',
  component: lazyRouteComponent(() => import('../importing/list'), 'ImportsPage'),
});

const newImport = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/imports/new',
  component: lazyRouteComponent(() => import('../importing/new'), 'NewImportPage'),
});

const importPage = createRoute({
  getParentRoute: () => shell,
  path: '/contacts/imports/$importId',
  validateSearch: (search: Record<string, unknown>): { step?: 'basis' | 'check' } =>
    search['step'] === 'basis' || search['step'] === 'check' ? { step: search['step'] } : {},
  component: lazyRouteComponent(() => import('../importing/page'), 'ImportPage'),
});

const boardPages = [
  createRoute({
    getParentRoute: () => board,
    path: 'roadmap',
    component: lazyRouteComponent(() => import('../boards/roadmap'), 'RoadmapPage'),
  }),
  createRoute({
    getParentRoute: () => board,
    path: 'insight',
    validateSearch: readInsight,
    component: lazyRouteComponent(() => import('../insight/page'), 'InsightPage'),
  }),
  createRoute({
    getParentRoute: () => board,
    path: 'changelog',
    component: lazyRouteComponent(() => import('../boards/changelog'), 'ChangelogPage'),
  }),
  createRoute({
    getParentRoute: () => board,
    path: 'changelog/$entryId',
    component: lazyRouteComponent(() => import('../boards/entry'), 'EntryPage'),
  }),
] as const;

const boardSettings = createRoute({
  getParentRoute: () => board,
  path: 'settings',
  component: lazyRouteComponent(() => import('../boardsettings/layout'), 'BoardSettingsLayout'),
});

const boardSettingsPages = [
  createRoute({
    getParentRoute: () => boardSettings,
    path: '/',
    component: lazyRouteComponent(() => import('../boardsettings/page'), 'BoardSettingsPage'),
  }),
  createRoute({
    getParentRoute: () => boardSettings,
    path: 'moderation',
    component: lazyRouteComponent(() => import('../boardsettings/moderation'), 'ModerationPage'),
  }),
  createRoute({
    getParentRoute: () => boardSettings,
    path: 'import',
    component: lazyRouteComponent(() => import('../boardsettings/takeover'), 'TakeoverPage'),
  }),
] as const;

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  component: lazyRouteComponent(() => import('../settings/layout'), 'SettingsLayout'),
});

const settingsIndex = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(() => import('../settings/layout'), 'SettingsIndex'),
});

const settingsPages = [
  createRoute({
    getParentRoute: () => settings,
    path: 'workspace',
    component: lazyRouteComponent(() => import('../settings/workspace'), 'WorkspacePage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'install',
    component: lazyRouteComponent(() => import('../settings/install'), 'InstallPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'attributes',
    component: lazyRouteComponent(() => import('../settings/attributes'), 'AttributesPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'companies',
    component: lazyRouteComponent(() => import('../companies/settings'), 'CompanySettingsPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'blocklist',
    component: lazyRouteComponent(() => import('../blocking/page'), 'BlocklistPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'enrichment',
    component: lazyRouteComponent(() => import('../enriching/settings'), 'EnrichmentPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'technical',
    component: lazyRouteComponent(() => import('../settings/technical'), 'TechnicalPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'operators',
    component: lazyRouteComponent(() => import('../settings/operators'), 'OperatorsPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'mail',
    component: lazyRouteComponent(() => import('../settings/mail'), 'MailPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'api-keys',
    component: lazyRouteComponent(() => import('../settings/api-keys'), 'ApiKeysPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'webhooks',
    component: lazyRouteComponent(() => import('../settings/webhooks'), 'WebhooksPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'privacy',
    component: lazyRouteComponent(() => import('../settings/privacy'), 'PrivacyPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'audit',
    component: lazyRouteComponent(() => import('../settings/audit'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: 'account',
    component: lazyRouteComponent(() => import('../settings/account'), 'AccountPage'),
  }),
] as const;

const privacy = createRoute({
  getParentRoute: () => shell,
  path: '/privacy-centre',
  component: lazyRouteComponent(() => import('../privacy/layout'), 'PrivacyLayout'),
});

const privacyIndex = createRoute({
  getParentRoute: () => privacy,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/privacy-centre/requests' });
  },
});

const privacyPages = [
  createRoute({
    getParentRoute: () => privacy,
    path: 'requests',
    component: lazyRouteComponent(() => import('../privacy/requests'), 'RequestsPage'),
  }),
  createRoute({
    getParentRoute: () => privacy,
    path: 'requests/$requestId',
    component: lazyRouteComponent(() => import('../privacy/request'), 'RequestPage'),
  }),
  createRoute({
    getParentRoute: () => privacy,
    path: 'restricted',
    component: lazyRouteComponent(() => import('../privacy/restricted'), 'RestrictedPage'),
  }),
  createRoute({
    getParentRoute: () => privacy,
    path: 'answering',
    component: lazyRouteComponent(() => import('../privacy/answering'), 'AnsweringPage'),
  }),
  createRoute({
    getParentRoute: () => privacy,
    path: 'purposes',
    component: lazyRouteComponent(() => import('../privacy/purposes'), 'PurposesPage'),
  }),
  createRoute({
    getParentRoute: () => privacy,
    path: 'retention',
    component: lazyRouteComponent(() => import('../privacy/retention'), 'RetentionPage'),
  }),
  createRoute({
    getParentRoute: () => privacy,
    path: 'sensitive',
    component: lazyRouteComponent(() => import('../privacy/sensitive'), 'SensitivePage'),
  }),
  createRoute({
    getParentRoute: () => privacy,
    path: 'assessments',
    component: lazyRouteComponent(() => import('../enriching/assessments'), 'AssessmentsPage'),
  }),
  createRoute({
    getParentRoute: () => privacy,
    path: 'assessments/$assessmentId',
    component: lazyRouteComponent(() => import('../enriching/assessment'), 'AssessmentPage'),
  }),
  createRoute({
    getParentRoute: () => privacy,
    path: 'children',
    component: lazyRouteComponent(() => import('../privacy/children'), 'ChildrenPage'),
  }),
] as const;

const tree = root.addChildren([
  signIn,
  setup,
  shell.addChildren([
    home,
    inbox.addChildren([inboxIndex, conversation]),
    contacts,
    companies,
    company,
    segments,
    segment,
    duplicates,
    imports,
    newImport,
    importPage,
    contact,
    boards,
    boardQueue,
    board.addChildren([
      triage.addChildren([triageIndex, post]),
      ...boardPages,
      boardSettings.addChildren(boardSettingsPages),
    ]),
    privacy.addChildren([privacyIndex, ...privacyPages]),
    settings.addChildren([settingsIndex, ...settingsPages]),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  defaultErrorComponent: Unreachable,
  defaultPendingMs: 200,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** Where to go after sign-in. */
export function afterSignIn(next: string | undefined): void {
  if (session.get()) router.history.push(next ?? '/inbox');
}
