// A page in Chromium with everything watched that must not happen: errors, policies that were broken, requests.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';

/** A page, and what it did that it must not. */
export interface WatchedPage {
  readonly page: Page;
  /** Messages of the console, errors, and requests beyond `allowed`. */
  readonly trouble: string[];
}

/** Opens `url`; requests may go where `allowed` says. */
export async function openPage(
  browser: Browser,
  url: string,
  allowed: (url: string) => boolean,
  scheme: 'light' | 'dark' = 'light',
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 720 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('console', (message) => trouble.push(message.text()));
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('request', (request) => {
    if (!allowed(request.url())) trouble.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  return { page, trouble };
}

/** What axe-core objects to: 'rule: element', empty when nothing. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  // Evaluated by the driver, which no policy stops.
  await page.evaluate(readFileSync(path, 'utf8'));
  return page.evaluate<string[]>(
    `axe.run().then(({ violations }) =>
       violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 160))))`,
  );
}

/** The texts of all elements that match. */
export function texts(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).allInnerTexts();
}
