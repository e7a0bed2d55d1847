/** What has the focus, within whatever shadow roots. */
export function focused(): Element | null {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found;
}

/**
 * Keeps the focus near what had it: a button that is disabled or taken away leaves it to the page, and who
 * has only keys would begin at its top again.
 */
export function keepNear(held: Element | null): void {
  const found = focused();
  if (found !== null && found !== document.body) return;
  const card = held?.closest<HTMLElement>(".card");
  if (!card) return;
  card.tabIndex = -1;
  card.focus({ preventScroll: true });
}
