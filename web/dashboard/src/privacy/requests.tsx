import { Inbox } from 'lucide-react';
import { Empty } from '../ui/bits';
import { TabPage } from './layout';

export function RequestsPage() {
  return (
    <TabPage
      title="Requests"
      intro="What people ask for under the GDPR, and how long there is to answer. Most of them answer themselves."
    >
      <Empty icon={<Inbox size={20} />} title="No requests">
        When somebody asks to see, correct, take along, restrict or erase their data, it stands here.
      </Empty>
    </TabPage>
  );
}
