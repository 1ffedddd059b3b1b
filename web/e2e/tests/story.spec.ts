/**
 * The whole story, in two browsers: a visitor writes, an operator answers, lines are cut and the server dies in the
 * middle, nothing is lost or doubled; then the operator erases the person, and nothing of them is left readable.
 */
import { leaks } from '../src/canary.ts';
import { Dashboard } from '../src/dashboard.ts';
import { expect, test } from '../src/fixtures.ts';
import { OUTAGE } from '../src/guard.ts';

// Words that nothing else on this machine contains.
const CANARIES = ['zanzibarquince', 'velvetotter', 'marzipanlighthouse', 'gooseberrytrombone', 'tinpelican'];
const QUESTION = 'Do you have the Ferry in zanzibarquince?';
const ANSWER = 'We do, and in velvetotter as well.';
const ADDRESS = 'marzipanlighthouse@visitor.example';
const CUT_VISITOR = ['Written in a tunnel, gooseberrytrombone.', 'And a second one, still in the tunnel.'];
const CUT_OPERATOR = ['Answered while you were gone.', 'And once more.'];
const LAST_BEFORE_DEATH = 'Stored just before the power cut.';
const DEAD_VISITOR = 'Written while the server lay dead, tinpelican.';
const DEAD_OPERATOR = 'Answered while the server lay dead.';

const FIRST_TALK = [QUESTION, ANSWER];
const AFTER_TUNNEL = [...FIRST_TALK, ...CUT_OPERATOR, ...CUT_VISITOR];

test('from the first word to the erasure', async ({ server, account, api, open, visitor, widget, guard }) => {
  test.setTimeout(90_000);
  const operator = await (await open()).newPage();
  const dashboard = new Dashboard(operator);
  let conversation = '';

  await test.step('a visitor opens the chat by keyboard and writes', async () => {
    await visitor.goto('/demo');
    await expect(widget.launcher).toBeVisible();
    await widget.launcher.focus();
    await visitor.keyboard.press('Enter');
    await expect(widget.field).toBeFocused();
    expect(
      await visitor.evaluate(() => Object.keys(localStorage)),
      'kept before anything was written',
    ).toEqual([]);
  });

  await test.step('it appears in the inbox of an operator who is looking, without a reload', async () => {
    await dashboard.signIn(account);
    await expect(dashboard.rows.first()).toBeVisible();
    await expect(operator.getByText('Live', { exact: true })).toBeVisible();
    const loaded = await operator.evaluate(() => performance.timeOrigin);
    await visitor.keyboard.type(QUESTION);
    await visitor.keyboard.press('Enter');
    await expect(dashboard.row(QUESTION)).toContainText('Visitor');
    await expect(dashboard.rows.first()).toContainText(QUESTION);
    conversation = await dashboard.open(QUESTION);
    expect(await operator.evaluate(() => performance.timeOrigin)).toBe(loaded);
  });

  await test.step('each sees the other typing; the answer arrives with a name', async () => {
    await widget.field.pressSequentially('May I');
    await expect(dashboard.log.getByText('Visitor is typing')).toBeVisible();
    await widget.field.fill('');
    await dashboard.field.pressSequentially(ANSWER.slice(0, 5));
    await expect(widget.panel.getByText('Mara Lindqvist is writing…')).toBeVisible();
    await dashboard.reply(ANSWER);
    await expect(widget.bubbles).toHaveText(FIRST_TALK);
    await expect(widget.panel.locator('.message', { hasText: ANSWER })).toContainText('Mara Lindqvist');
    await expect(dashboard.log.getByText(/^Read /)).toBeVisible();
  });

  await test.step('a reload loses nothing', async () => {
    await visitor.reload();
    await widget.open();
    await expect(widget.bubbles).toHaveText(FIRST_TALK);
  });

  await test.step('an address is given with a consent that was not ticked beforehand', async () => {
    const consent = widget.emailCard.getByRole('checkbox');
    await expect(consent).not.toBeChecked();
    await widget.emailCard.getByRole('textbox').fill(ADDRESS);
    await widget.emailCard.getByRole('button', { name: 'Save' }).click();
    await expect(widget.emailCard.getByRole('alert')).toContainText('tick the box');
    await consent.check();
    await widget.emailCard.getByRole('button', { name: 'Save' }).click();
    await expect(widget.panel.getByText(`Thank you. We write to ${ADDRESS} if you leave.`)).toBeVisible();
  });

  await test.step('the operator has them among the contacts: the address as a claim, and the consent', async () => {
    await dashboard.openContacts();
    const row = operator.getByRole('row').filter({ hasText: ADDRESS });
    await expect(row).toContainText('Claimed, not verified');
    await row.getByRole('link').click();
    await expect(operator.getByText('Claimed, not verified').first()).toBeVisible();
    await operator.getByRole('tab', { name: 'Privacy' }).click();
    const consents = operator
      .locator('section')
      .filter({ has: operator.getByRole('heading', { name: 'Consents' }) });
    await expect(consents).toContainText('Granted');
    await operator.getByRole('tab', { name: 'Conversations' }).click();
    await operator.getByRole('link', { name: ANSWER }).click();
    await expect(dashboard.messages).toHaveText(FIRST_TALK);
  });

  await test.step('what both write while the visitor is cut off arrives once', async () => {
    guard.allow(OUTAGE);
    await visitor.context().setOffline(true);
    await expect(widget.panel.getByText('No connection.')).toBeVisible();
    for (const text of CUT_VISITOR) await widget.write(text);
    await expect(widget.waiting).toHaveText(CUT_VISITOR);
    for (const text of CUT_OPERATOR) await dashboard.reply(text);
    // Stored while the visitor is away: otherwise it is chance which of the two comes first.
    await expect.poll(texts).toEqual([...FIRST_TALK, ...CUT_OPERATOR]);
    await visitor.context().setOffline(false);
    await expect(dashboard.messages).toHaveText(AFTER_TUNNEL);
    await expect(widget.bubbles).toHaveText(AFTER_TUNNEL);
    await expect(widget.waiting).toHaveCount(0);
    expect(await texts()).toEqual(AFTER_TUNNEL);
  });

  await test.step('the server is killed and comes back: nothing that it took is lost, nothing is doubled', async () => {
    await widget.write(LAST_BEFORE_DEATH);
    await expect(widget.waiting).toHaveCount(0);
    await server.kill();
    await widget.write(DEAD_VISITOR);
    await expect(widget.waiting).toHaveText([DEAD_VISITOR]);
    await dashboard.reply(DEAD_OPERATOR);
    await expect(dashboard.log.getByText('Not sent.')).toBeVisible();
    await server.start();
    await expect(operator.getByText('Live', { exact: true })).toBeVisible();
    // Which of the two comes back first is chance; that each comes once is not.
    const before = [...AFTER_TUNNEL, LAST_BEFORE_DEATH];
    await expect
      .poll(async () => (await texts()).slice(before.length).toSorted())
      .toEqual([DEAD_OPERATOR, DEAD_VISITOR]);
    const all = await texts();
    expect(all.slice(0, before.length)).toEqual(before);
    await expect(dashboard.messages).toHaveText(all);
    await expect(dashboard.log.getByText(/^(Not sent|Sending)/)).toHaveCount(0);
    await expect(widget.bubbles).toHaveText(all);
    await expect(widget.waiting).toHaveCount(0);
    await operator.reload();
    await expect(dashboard.messages).toHaveText(all);
    await visitor.reload();
    await widget.open();
    await expect(widget.bubbles).toHaveText(all);
  });

  const contact = (await api.call<{ contact_id: string }>('GET', `conversations/${conversation}`)).contact_id;
  await test.step('nothing of it stands readable in what the server keeps', () => {
    expect(leaks(server, [contact]), 'the search finds what does stand there').not.toEqual([]);
    expect(leaks(server, CANARIES)).toEqual([]);
  });

  await test.step('the operator erases the person, after saying that it is meant', async () => {
    // The widget's session ends with its person.
    guard.allow(
      /status of (401|404|410) .*\/widget\/v1\//,
      /status of (404|410) .*\/api\/v1\/(contacts|conversations)\//,
    );
    await operator.goto(`/contacts/${contact}`);
    const dialog = await dashboard.askToErase();
    await expect(dialog).toContainText(ADDRESS);
    const confirm = dialog.getByRole('button', { name: 'Erase for good' });
    await expect(confirm).toBeDisabled();
    await dialog.getByRole('textbox').fill('erase');
    await confirm.click();
    const receipt = operator.getByRole('region', { name: 'Receipt' });
    await expect(receipt).toContainText('Destroyed');
    await expect(receipt).toContainText(/messages\s*9 rows/i);
    await expect(receipt).not.toContainText(ADDRESS);
  });

  await test.step('the person is gone for everybody', async () => {
    await operator.getByRole('link', { name: 'Back to contacts' }).click();
    await expect(operator.getByRole('row').nth(1)).toBeVisible();
    await expect(operator.getByRole('row').filter({ hasText: ADDRESS })).toHaveCount(0);
    await operator.getByRole('searchbox').locator('visible=true').fill(ADDRESS); // the list holds those who are in sight
    await expect(operator.getByText('Nobody is found')).toBeVisible();
    await operator.getByRole('link', { name: 'Inbox' }).first().click();
    await expect(dashboard.rows.first()).toBeVisible();
    await expect(dashboard.row(ADDRESS)).toHaveCount(0);
    await operator.goto(`/inbox/${conversation}`);
    await expect(operator.getByText('This conversation is gone')).toBeVisible();
    await expect(widget.bubbles, 'the open chat forgets by itself').toHaveCount(0);
    await visitor.reload();
    await widget.open();
    await expect(widget.panel.getByText('Ask us anything about bicycles.')).toBeVisible();
    await expect(widget.bubbles).toHaveCount(0);
  });

  await test.step('who was erased may write again, as somebody new', async () => {
    await widget.write('Hello, I am new here.');
    await expect(widget.waiting).toHaveCount(0);
    await expect(widget.bubbles).toHaveText(['Hello, I am new here.']);
    await expect(dashboard.row('Hello, I am new here.')).toContainText('Visitor');
  });

  await test.step('and still nothing of the erased stands readable anywhere', () => {
    expect(leaks(server, CANARIES)).toEqual([]);
  });

  async function texts(): Promise<string[]> {
    return (await api.said(conversation)).map(([, body]) => body ?? '');
  }
});
