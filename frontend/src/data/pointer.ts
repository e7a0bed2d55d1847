/** Whether what was pointed at is left: a finger that is lifted leaves what it tapped to be read. */
export function leaves({ pointerType }: Pick<PointerEvent, "pointerType">): boolean {
  return pointerType !== "touch";
}
