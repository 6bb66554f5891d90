/*
 * csv: downloads all pages of a list as a CSV file. Values that a spreadsheet
 * would run as a formula are prefixed with an apostrophe.
 */
import { get } from '/lib/api.js';
import { h } from '/lib/dom.js';

const FORMULA = /^[=+\-@\t\r\n]/,
	NUMBER = /^-?\d+(\.\d+)?$/;

export function cell(value) {
	const text =
		value === null || value === undefined
			? ''
			: Array.isArray(value)
				? value.join(' ')
				: String(value);
	const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;

	return /[",\r\n']/.test(safe) || safe !== safe.trim()
		? `"${safe.replaceAll('"', '""')}"`
		: safe;
}

export function line(values) {
	return `${values.map(cell).join(',')}\r\n`;
}

function pause(ms) {
	return new Promise((f) => {
		setTimeout(f, ms);
	});
}

/*
 * Fetches a page. Network errors, 429 and 503 are retried five times with
 * back-off.
 */
async function page(path) {
	for (let tries = 0; ; tries++)
		try {
			return await get(path);
		} catch (e) {
			if (tries === 5 || ![0, 429, 503].includes(e.status)) throw e;
			await pause(1000 * 2 ** tries);
		}
}

function save(name, parts) {
	const url = URL.createObjectURL(
		new Blob(['\ufeff', ...parts], { type: 'text/csv;charset=utf-8' }),
	);
	const a = h('a', { href: url, download: name });

	document.body.append(a);
	a.click();
	a.remove();
	setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/*
 * Saves all rows of a list as NAME-DATE.csv. path(cursor) returns the URL of a
 * page, rows(page) its rows, and columns is {name: (row) => value}. progress(n)
 * gets the number of rows so far; if it returns false, the download is
 * canceled. Returns the number of rows, or null if it was canceled.
 */
export async function download(name, path, rows, columns, progress) {
	const parts = [line(Object.keys(columns))];
	let cursor = null,
		n = 0;

	do {
		const now = await page(path(cursor));
		parts.push(
			rows(now)
				.map((r) => line(Object.values(columns).map((f) => f(r))))
				.join(''),
		);
		n += rows(now).length;
		cursor = now.next_cursor;
		if (!progress(n)) return null;
	} while (cursor !== null && cursor !== undefined);
	save(`${name}-${new Date().toISOString().slice(0, 10)}.csv`, parts);
	return n;
}
