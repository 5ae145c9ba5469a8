// To be imported first: zod would try whether it may compile code at run time, which the page's policy forbids
// and the browser reports.

import { config } from 'zod';

config({ jitless: true });
