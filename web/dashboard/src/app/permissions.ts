/** The permissions that screens ask for, in one place. */
export const may = {
  readInbox: 'inbox:read',
  writeInbox: 'inbox:write',
  readContacts: 'contacts:read',
  writeContacts: 'contacts:write',
  eraseContacts: 'contacts:erase',
  readPrivacy: 'privacy:read',
  writePrivacy: 'privacy:write',
  readAudit: 'audit:read',
  readWorkspace: 'workspace:read',
  writeWorkspace: 'workspace:write',
  readOperators: 'operators:read',
  writeOperators: 'operators:write',
  readKeys: 'keys:read',
  writeKeys: 'keys:write',
  readWebhooks: 'webhooks:read',
  writeWebhooks: 'webhooks:write',
} as const;
