import type { Names } from "./names";

/** What of Home Assistant's registries a dashboard is made from. */
export interface Registries {
  entities: Record<string, { entity_id: string; platform?: string; device_id?: string; entity_category?: string; hidden?: boolean }>;
  states: Record<string, { state: string } | undefined>;
  devices: Record<string, { id: string; name: string | null; name_by_user?: string | null; via_device_id?: string | null } | undefined>;
}

interface View {
  title: string;
  path: string;
  icon: string;
  type: "sections";
  max_columns: number;
  sections: { type: "grid"; cards: Record<string, unknown>[] }[];
}

/** The generated dashboard: what is now, what will be, and each device with what it tells and takes. */
export function dashboard({ entities, devices, states }: Registries, t: Names): { title: string; views: View[] } {
  // What says nothing yet would only fill the page.
  const says = (id: string): boolean => !["unknown", "unavailable"].includes(states[id]?.state ?? "unknown");
  const ours = Object.values(entities).filter(
    ({ entity_id, platform, entity_category, hidden }) =>
      platform === "home_flex" && !entity_category && !hidden && says(entity_id),
  );
  const ofDevice = new Map<string, string[]>();
  for (const { device_id, entity_id } of ours) {
    if (device_id) ofDevice.set(device_id, [...(ofDevice.get(device_id) ?? []), entity_id]);
  }
  const nameOf = (id: string): string => devices[id]?.name_by_user ?? devices[id]?.name ?? id;
  // The home itself first, then its devices by their names.
  const byName = [...ofDevice.keys()].sort(
    (one, other) =>
      Number(Boolean(devices[one]?.via_device_id)) - Number(Boolean(devices[other]?.via_device_id)) ||
      nameOf(one).localeCompare(nameOf(other)),
  );
  const view = (key: string, icon: string, sections: View["sections"]): View => ({
    title: t(`card_view_${key}`),
    path: key,
    icon,
    type: "sections",
    max_columns: 3,
    sections,
  });
  return {
    title: t("card_dashboard"),
    views: [
      view("home", "mdi:home-lightning-bolt", [
        { type: "grid", cards: [{ type: "custom:home-flex-event-card" }, { type: "custom:home-flex-now-card" }] },
        { type: "grid", cards: [{ type: "custom:home-flex-plan-card", hours: "24" }] },
      ]),
      view(
        "devices",
        "mdi:home-heart",
        byName.map((id) => ({
          type: "grid",
          cards: [
            { type: "heading", heading: nameOf(id) },
            ...(ofDevice.get(id) ?? []).map((entity) => ({ type: "tile", entity, name: { type: "entity" } })),
          ],
        })),
      ),
    ],
  };
}
