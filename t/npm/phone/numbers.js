/*
 * Prints random phone numbers of the 30 largest countries and what
 * libphonenumber makes of them: "COUNTRY NUMBER RESULT", where COUNTRY is that
 * of numbers without '+', or '-', and RESULT is the E.164 form or "invalid".
 *	node numbers.js SEED COUNT
 */
'use strict';
const lib = require('google-libphonenumber');
const util = lib.PhoneNumberUtil.getInstance();

/*
 * By population on 1 July 2024: United Nations, World Population Prospects 2024
 * (https://population.un.org/wpp/). Uganda and Spain follow.
 */
const COUNTRIES = (
	'IN CN US ID PK NG BR BD RU ET MX JP EG PH CD ' +
	'VN IR TR DE TH GB TZ FR ZA IT KE MM CO KR SD'
).split(' ');
const PREFIXES = ['', '', '', '0', '1', '8', '44'];
/* Prefixes for calls to other countries. */
const IDD = ['00', '001', '009', '010', '011', '810'];
const TYPES = 10;

let state = Number(process.argv[2]) % 2147483648;

function random(n) {
	state = (state * 1103515245 + 12345) % 2147483648;
	return Math.floor(state / 65536) % n;
}

function pick(list) {
	return list[random(list.length)];
}

/* A number like an example of the country, with changed digits and length. */
function national(country) {
	const example =
		util.getExampleNumberForType(country, random(TYPES)) ||
		util.getExampleNumber(country);
	let digits = util.getNationalSignificantNumber(example);
	const change = random(6);
	if (change >= 2) digits = digits.replace(/\d/g, (d) => (random(3) ? d : random(10)));
	if (change === 4) digits = digits.slice(0, -1 - random(3));
	if (change === 5) digits += random(1000);
	return digits;
}

/*
 * Returns null if libphonenumber for JavaScript does not represent the number
 * exactly: it keeps national numbers as floating-point numbers.
 */
function expected(text, country) {
	try {
		const number = util.parse(text, country === '-' ? 'ZZ' : country);
		if (!Number.isSafeInteger(number.getNationalNumber())) return null;
		return util.isPossibleNumber(number)
			? util.format(number, lib.PhoneNumberFormat.E164)
			: 'invalid';
	} catch {
		return 'invalid';
	}
}

for (let left = Number(process.argv[3]); left > 0; ) {
	const country = pick(COUNTRIES);
	const code = util.getCountryCodeForRegion(country);
	const digits = pick(PREFIXES) + national(country);
	const [from, text] = random(3)
		? ['-', `+${code}${digits}`]
		: [country, pick([digits, `${code}${digits}`, pick(IDD) + code + digits])];
	const result = expected(text, from);
	if (result === null) continue;
	console.log(`${from} ${text} ${result}`);
	left--;
}
