// Chromium processes with made-up cameras, and pages that tell when something goes wrong in them.
import { chromium } from 'playwright-core';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--allow-loopback-in-peer-connection',
];

/**
 * @param {{ hasPermission?: boolean, camera?: string, cameras?: number, executablePath?: string, origin?: string, args?: string[] }} options
 *   `camera`: a file to show instead of the test picture; `cameras`: how many made-up ones there are; `origin`: one that is given devices as if it were secure
 */
export function launchBrowser({ hasPermission = true, camera, cameras = 1, executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium', origin, args = [] } = {}) {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      ...ARGUMENTS,
      `--use-fake-device-for-media-stream=device-count=${cameras}`,
      ...(hasPermission ? ['--use-fake-ui-for-media-stream'] : ['--deny-permission-prompts']),
      ...(camera ? [`--use-file-for-fake-video-capture=${camera}`] : []),
      ...args,
      ...(origin ? [`--unsafely-treat-insecure-origin-as-secure=${origin}`] : []),
    ],
  });
}

/** A person's own browser profile with one tab. Everything that the page complains about is kept in `complaints`. */
export async function openTab(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1120, height: 700 }, ...options });
  return watch(await context.newPage());
}

export function watch(page) {
  page.complaints = [];
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => {
    // Refusals are answered with 4xx statuses, which Chromium reports as errors; a lost server is part of some tests.
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(message.text())) {
      page.complaints.push(message.text());
    }
  });
  return page;
}
