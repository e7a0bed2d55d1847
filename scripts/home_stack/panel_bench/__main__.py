"""How soon the panel is there and answers, how big it is, and what three open browsers cost the home."""

import argparse
import asyncio
import gzip
import json
import shutil
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, async_playwright

from ..devices_bench import cpu_s
from ..home_assistant import HomeAssistant
from ..house import STEADY
from ..panel_look import PAGES, go, open_panel, violations
from ..processes import ROOT
from ..stack import HomeStack, running_stack
from .long_plan import put_in

_CHROMIUM: Final = shutil.which("chromium") or "/usr/bin/chromium"
_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
_LOADS: Final = 7
_BROWSERS: Final = 3
_LOOK_S: Final = 30.0
_TARGETS: Final = {
    "first_paint_ms": 300.0,
    "warm_reload_ms": 1000.0,
    "interaction_p95_ms": 80.0,
    "bundle_gzip_kb": 200.0,
    "external_requests": 0.0,
    "axe_violations": 0.0,
    "three_browsers_core_share": 0.02,
}

# The plan is painted when its charts have a canvas, and a frame was shown since.
_PAINTED: Final = """
const panel = () => {
  const main = document.querySelector("home-assistant")?.shadowRoot?.querySelector("home-assistant-main");
  return main?.shadowRoot?.querySelector("home-flex-panel")?.shadowRoot;
};
const plan = () => panel()?.querySelector("hf-plan")?.shadowRoot;
const frame = () => new Promise((done) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = done;
  port2.postMessage(0);
}));
const isDrawn = () => [...(plan()?.querySelectorAll("hf-lane") ?? [])].length >= 3 &&
  [...plan().querySelectorAll("hf-lane")].every((each) => each.shadowRoot?.querySelector("canvas"));
const painted = async () => { while (!isDrawn()) await frame(); await frame(); return performance.now(); };
"""
_GO: Final = f"""async () => {{ {_PAINTED}
  const began = performance.now();
  history.pushState(null, "", "/home-flex/plan");
  window.dispatchEvent(new CustomEvent("location-changed", {{ detail: {{ replace: false }} }}));
  return await painted() - began;
}}"""
_SINCE_RELOAD: Final = f"async () => {{ {_PAINTED} return await painted(); }}"
_INTERACT: Final = f"""async () => {{ {_PAINTED}
  await painted();
  const figure = plan().querySelector("figure");
  const box = figure.getBoundingClientRect();
  const at = (share) => ({{ clientX: box.left + 60 + share * (box.width - 80), clientY: box.top + 60 }});
  const zoom = {{ ctrlKey: true, cancelable: true, ...at(0.5) }};
  const wheel = (deltaY) => new WheelEvent("wheel", {{ deltaY, ...zoom }});
  const mouse = {{ pointerType: "mouse", pointerId: 1 }};
  const pointed = (share) => new PointerEvent("pointermove", {{ ...mouse, ...at(share) }});
  const acts = Array.from({{ length: 20 }}, () => () => undefined);
  for (let each = 0; each < 20; each++) {{
    acts.push(() => figure.dispatchEvent(wheel(each % 8 < 4 ? -1 : 1)));
    acts.push(() => figure.dispatchEvent(pointed((each * 37 % 100) / 100)));
    acts.push(() => plan().querySelectorAll("button.block")[each % 6]?.click());
  }}
  const took = [];
  for (const act of acts) {{
    await frame();
    const began = performance.now();
    act();
    await plan().host.updateComplete;
    await frame();
    took.push(performance.now() - began);
  }}
  return {{ idle: took.slice(0, 20), acting: took.slice(20) }};
}}"""


async def main(*, quick: bool) -> int:
    """Measure, print, and return 0 when every target is met."""
    with tempfile.TemporaryDirectory(prefix="home-flex-bench-") as name:
        async with running_stack(Path(name), house_options=STEADY) as stack, async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=_CHROMIUM, headless=True, args=list(_FLAGS)
            )
            figures = await _figures(stack, browser, quick=quick)
            await browser.close()
    missed = [key for key, most in _TARGETS.items() if figures[key] > most]
    for key in missed:
        print(f"missed: {key} is {figures[key]}, and at most {_TARGETS[key]:g} is wanted")
    print(json.dumps(figures))
    return 1 if missed else 0


async def _figures(stack: HomeStack, browser: Browser, *, quick: bool) -> dict[str, float]:
    loads = 3 if quick else _LOADS
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
    await page.route_web_socket("**/api/websocket", put_in)
    await open_panel(page, stack.home_assistant, "plan")
    navigated = [await _navigated(page, stack.home_assistant) for _ in range(loads)]
    reloaded = [await _reloaded(page) for _ in range(loads)]
    took: dict[str, list[float]] = await page.evaluate(_INTERACT)
    found = await _violations(stack, page)
    await context.close()
    return {
        "first_paint_ms": round(statistics.median(navigated)),
        "warm_reload_ms": round(statistics.median(reloaded)),
        "interaction_p95_ms": round(_p95(took["acting"])),
        "idle_frame_p95_ms": round(_p95(took["idle"])),
        "bundle_gzip_kb": round(_bundle_gzip_kb(), 1),
        "external_requests": len(asked - {"127.0.0.1", ""}),
        "axe_violations": len(found),
        "three_browsers_core_share": round(await _share(stack, browser, 10.0 if quick else _LOOK_S), 4),
    }


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def _navigated(page: Page, home_assistant: HomeAssistant) -> float:
    """Return how long it takes from another page of the app, of which the panel is no part yet."""
    await page.goto(f"{home_assistant.url}/config/integrations/dashboard")
    await page.get_by_text("Add integration").first.wait_for()
    took: float = await page.evaluate(_GO)
    return took


async def _reloaded(page: Page) -> float:
    await page.reload()
    took: float = await page.evaluate(_SINCE_RELOAD)
    return took


async def _violations(stack: HomeStack, page: Page) -> list[str]:
    """Return what axe finds on every page in both themes while an event runs."""
    await stack.aggregator.dispatch(import_limit_w=4000, duration=timedelta(minutes=20))
    found = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for name in PAGES:
            await go(page, name)
            found += await violations(page)
    for one in found:
        print(one)
    return found


def _bundle_gzip_kb() -> float:
    files = (ROOT / "custom_components" / "home_flex" / "frontend").glob("*.js")
    return sum(len(gzip.compress(file.read_bytes())) for file in files) / 1000


async def _share(stack: HomeStack, browser: Browser, look_s: float) -> float:
    """Return by how much of a core Home Assistant works more while three browsers look at the panel."""
    pid = stack.home_assistant.pid
    alone = await _busy(pid, look_s)
    contexts = [await browser.new_context() for _ in range(_BROWSERS)]
    for context in contexts:
        await open_panel(await context.new_page(), stack.home_assistant)
    await asyncio.sleep(5)
    watched = await _busy(pid, look_s)
    for context in contexts:
        await context.close()
    return watched - alone


async def _busy(pid: int, look_s: float) -> float:
    began, used_s = time.monotonic(), cpu_s(pid)
    await asyncio.sleep(look_s)
    return (cpu_s(pid) - used_s) / (time.monotonic() - began)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer loads, a shorter look")
    sys.exit(asyncio.run(main(quick=parser.parse_args().quick)))
