import { Component, type ComponentType } from 'preact';
import type { Screen } from './Panel.tsx';

interface Props extends Screen {
  load: () => Promise<{ default: ComponentType<Screen> }>;
}

/** A part of the panel that few visitors open: it is fetched when it is first shown. */
export class Part extends Component<Props, { View?: ComponentType<Screen> }> {
  override componentDidMount(): void {
    const { load, chat } = this.props;
    load().then(
      ({ default: View }) => this.setState({ View }),
      () => chat.set({ view: 'thread' }),
    );
  }

  override render({ state, chat }: Props, { View }: { View?: ComponentType<Screen> }) {
    return View && <View state={state} chat={chat} />;
  }
}
