import { define } from "./define";
import { HomeFlexPanel } from "./panel";

define("home-flex-panel", HomeFlexPanel);
