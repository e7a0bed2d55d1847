import { EventCard, NowCard, PlanCard } from "./cards/cards";
import { define } from "./define";
import { HomeFlexPanel } from "./panel";

define("home-flex-panel", HomeFlexPanel);
define("hf-now-card", NowCard);
define("hf-event-card", EventCard);
define("hf-plan-card", PlanCard);
