import { showVenue } from './venue-view.js';

showVenue();
