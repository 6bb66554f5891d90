/*
 * What the clients in this folder share: requests with a token, and running
 * scenarios.
 */
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');

/* A response that is not a success, or none at all (status 0). */
class ApiError extends Error {
	constructor(status, body) {
		super(`${status} ${JSON.stringify(body)}`);
		this.status = status;
		this.body = body || {};
	}
}

/*
 * Sends requests as one user. `timeout` is in milliseconds; without a response
 * until then, the request fails like a lost connection.
 */
class Api {
	constructor(url, token) {
		this.url = url;
		this.token = token;
		this.timeout = 60000;
		this.requests = 0;
	}

	/* Returns {status, headers, body}. Throws ApiError if status >= 400. */
	async send(method, path, body, headers = {}) {
		const h = { ...headers };
		this.requests++;
		if (this.token) h.Authorization = `Bearer ${this.token}`;
		if (body !== undefined) h['Content-Type'] = 'application/json';
		let response, text;
		try {
			response = await fetch(this.url + path, {
				method,
				headers: h,
				body: body === undefined ? undefined : JSON.stringify(body),
				signal: AbortSignal.timeout(this.timeout),
			});
			text = await response.text();
		} catch (error) {
			throw new ApiError(0, { message: String(error) });
		}
		let data = null;
		try {
			data = text === '' ? null : JSON.parse(text);
		} catch {
			throw new ApiError(response.status, { message: text });
		}
		if (response.status >= 400) throw new ApiError(response.status, data);
		return { status: response.status, headers: response.headers, body: data };
	}

	async get(path) {
		return (await this.send('GET', path)).body;
	}

	async post(path, body, headers) {
		return (await this.send('POST', path, body, headers)).body;
	}
}

/* Returns the Api of a user that is signed in. */
function as(context, name) {
	const api = new Api(context.url, context.users[name].token);
	api.user = context.users[name];
	return api;
}

/* Waits until fn() returns a true value, and returns this. */
async function until(fn, what) {
	const end = Date.now() + 60000;
	for (;;) {
		const value = await fn();
		if (value) return value;
		assert.ok(Date.now() < end, `timeout: ${what}`);
		await new Promise((done) => setTimeout(done, 50));
	}
}

/* Succeeds if a request fails with this status. Returns the error. */
async function fails(promise, status) {
	try {
		await promise;
	} catch (error) {
		assert.ok(error instanceof ApiError, String(error.stack));
		assert.equal(error.status, status, error.message);
		return error;
	}
	assert.fail(`no error ${status}`);
}

/* Returns 0 to n - 1 in an order that follows from the seed. */
function shuffled(n, seed) {
	const list = Array.from({ length: n }, (_, i) => i);
	for (let i = n - 1; i > 0; i--) {
		seed = (seed * 1103515245 + 12345) % 2147483648;
		const j = seed % (i + 1);
		[list[i], list[j]] = [list[j], list[i]];
	}
	return list;
}

/*
 * The main program of a client: client.js CONTEXT SCENARIO. Exits with 1 and
 * prints the error if the scenario fails.
 */
function main(scenarios) {
	const context = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
	const scenario = scenarios[process.argv[3]];
	assert.ok(scenario, `no scenario ${process.argv[3]}`);
	scenario(context).then(
		() => process.exit(0),
		(error) => {
			console.error(error.stack);
			process.exit(1);
		},
	);
}

module.exports = { Api, ApiError, as, fails, main, shuffled, until };
