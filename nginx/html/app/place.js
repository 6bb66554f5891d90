/*
 * place: inputs for a place on the map, as "latitude, longitude".
 */
import { busy, h, toast } from '/lib/dom.js';

/* Milliseconds to wait for the position of the device. */
const WAIT = 15 * 1000;

/* Returns "47.4979, 19.0402" for a place, or '' for null. */
export function placeText(latitude, longitude) {
	return latitude === null ? '' : `${latitude}, ${longitude}`;
}

/* Returns {latitude, longitude}; both are null if the text is empty. */
export function parsePlace(text) {
	const [latitude, longitude] =
		text.trim() === '' ? [null, null] : text.split(',').map(Number);

	return { latitude, longitude };
}

export function placeInput(props) {
	return h('input', {
		autocomplete: 'off',
		inputmode: 'text',
		maxlength: 60,
		pattern: '\\s*-?\\d+(\\.\\d+)?\\s*,\\s*-?\\d+(\\.\\d+)?\\s*',
		title: 'Latitude and longitude, such as 47.4979, 19.0402',
		...props,
	});
}

/*
 * Returns a button that writes the position of the device into the input.
 * digits: decimal places; 3 are about 100 m. done() is called afterwards.
 */
export function positionButton(input, digits, done) {
	const b = h('button', { type: 'button', 'data-do': 'position' }, 'Use my position');

	b.addEventListener(
		'click',
		busy(b, async () => {
			try {
				const { coords } = await new Promise((found, failed) =>
					navigator.geolocation.getCurrentPosition(found, failed, {
						timeout: WAIT,
					}),
				);
				input.value = placeText(
					coords.latitude.toFixed(digits),
					coords.longitude.toFixed(digits),
				);
				done?.();
			} catch {
				toast(
					'Your position is not available. Allow it in the browser, or type it.',
				);
			}
		}),
	);
	return b;
}

/* Returns a distance in meters as text. */
export function distance(meters) {
	return meters < 1000
		? `${meters} m away`
		: `${(meters / 1000).toFixed(meters < 10000 ? 1 : 0)} km away`;
}
