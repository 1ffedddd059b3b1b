/** Line icons on a 24-pixel grid, drawn in the colour of their text. They say nothing by themselves. */
const PATHS = {
  close: 'm6 6 12 12M18 6 6 18',
  back: 'm14 6-6 6 6 6',
  send: 'M12 19V5m-6 6 6-6 6 6',
  /** A wax seal with its scalloped edge, and a keyhole. */
  seal: 'm12 3 3 2h4v4l2 3-2 3v4h-4l-3 2-3-2H5v-4l-2-3 2-3V5h4Zm0 10v3m0-3a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class={name} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A square button that shows an icon and says its name. */
export function Tool({
  name,
  label,
  onClick,
}: {
  name: keyof typeof PATHS;
  label: string;
  onClick: () => void;
}) {
  return (
    <button type="button" class="tool" aria-label={label} onClick={onClick}>
      <Icon name={name} />
    </button>
  );
}
