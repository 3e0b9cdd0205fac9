/** Further away than this many screens a smooth way there takes too long, and its goal moves while parts are laid out. */
const NEAR_SCREENS = 1.5;

/** Scrolls what is shown to the middle of the screen. */
export function reveal(node: unknown): void {
  if (!(node instanceof HTMLElement)) return;
  const { top } = node.getBoundingClientRect();
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  const near = Math.abs(top - window.innerHeight / 2) < NEAR_SCREENS * window.innerHeight;
  node.scrollIntoView({ block: 'center', behavior: near && !still ? 'smooth' : 'auto' });
}

/** Leads the keyboard and screen readers to a view with a tab index of -1, in place of a control that is gone. */
export function focusOn(node: unknown): void {
  if (node instanceof HTMLElement) node.focus();
}

/** Scrolls what has this id to the middle of its line, and nothing up or down. */
export function revealAcross(id: string): void {
  document.getElementById(id)?.scrollIntoView({ inline: 'center', block: 'nearest' });
}

const BY_HAND = ['wheel', 'touchmove'] as const;

/** Calls when a person scrolls, and not when a view does. */
export function onScrollByHand(scrolled: () => void): () => void {
  for (const name of BY_HAND) window.addEventListener(name, scrolled, { passive: true });
  return () => {
    for (const name of BY_HAND) window.removeEventListener(name, scrolled);
  };
}
