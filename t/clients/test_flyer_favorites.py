#!/usr/bin/python3
"""Tests of favorite flyers, as a project with Django REST Framework has them.

usage: test_flyer_favorites.py CONTEXT [-v] [CLASS[.test]]...

CONTEXT is a JSON file with the URL of the service, the password, the names of
customers, and the file of the request log. The tests of the model check its
effects: constraints, cascades and the number of rows. The log has the number of
statements of each request. t/static/02-statements.t checks their indexes.
"""
import concurrent.futures
import http.client
import json
import sys
import time
import unittest
import urllib.parse

CONTEXT = {}


class Response:
    def __init__(self, response):
        self.status_code = response.status
        self.headers = response.headers
        self.content = response.read()
        self.data = json.loads(self.content) if self.content else None


class APIClient:
    """The client of rest_framework.test, with a token instead of a login."""

    def __init__(self):
        url = urllib.parse.urlsplit(CONTEXT["url"])
        self.connection = http.client.HTTPConnection(url.hostname, url.port,
                                                     timeout=60)
        self.defaults = {}

    def credentials(self, **headers):
        self.defaults = {"Authorization": headers["HTTP_AUTHORIZATION"]} \
            if headers else {}

    def generic(self, method, path, data=None):
        headers = dict(self.defaults)
        body = None
        if data is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(data)
        self.connection.request(method, path, body, headers)
        return Response(self.connection.getresponse())

    def get(self, path):
        return self.generic("GET", path)

    def post(self, path, data=None):
        return self.generic("POST", path, data)

    def delete(self, path, data=None):
        return self.generic("DELETE", path, data)


class APITestCase(unittest.TestCase):
    """Each test has two customers without favorites, and two new flyers."""

    @classmethod
    def setUpClass(cls):
        cls.users = [cls.sign_in(name) for name in CONTEXT["users"]]

    @staticmethod
    def sign_in(name):
        client = APIClient()
        response = client.post("/api/v1/auth/login", {
            "identifier": name, "password": CONTEXT["password"]})
        assert response.status_code == 200, response.content
        client.credentials(
            HTTP_AUTHORIZATION="Bearer " + response.data["access_token"])
        client.user = response.data["user"]
        return client

    def setUp(self):
        self.client, self.other = self.users[:2]
        self.anonymous = APIClient()
        for client in self.users:
            for favorite in self.favorites(client):
                client.delete(self.url(favorite["flyer_id"]))
        self.flyer = self.create_flyer("Jazz night")
        self.second = self.create_flyer("Book fair")

    def create_flyer(self, title, client=None):
        response = (client or self.other).post("/api/flyers/", {
            "title": title, "description": "d", "category": "music"})
        self.assertEqual(response.status_code, 201, response.content)
        return response.data

    @staticmethod
    def url(flyer_id):
        return f"/api/flyers/{flyer_id}/favorite/"

    def favorites(self, client=None):
        response = (client or self.client).get("/api/users/me/favorites/")
        self.assertEqual(response.status_code, 200)
        return response.data

    def count(self):
        """The number of favorites of the flyer."""
        return self.anonymous.get(
            f"/api/flyers/{self.flyer['id']}/").data["favorites_count"]


class FavoriteModelTests(APITestCase):
    def test_pair_is_unique(self):
        for _ in range(3):
            self.client.post(self.url(self.flyer["id"]))
        self.assertEqual(len(self.favorites()), 1)
        self.assertEqual(self.count(), 1)

    def test_deleting_the_user_deletes_the_favorites(self):
        leaving = self.sign_in(CONTEXT["leaving"])
        leaving.post(self.url(self.flyer["id"]))
        self.client.post(self.url(self.flyer["id"]))
        self.assertEqual(self.count(), 2)
        response = leaving.delete("/api/v1/user/profile",
                                  {"password": CONTEXT["password"]})
        self.assertEqual(response.status_code, 204, response.content)
        self.assertEqual(self.count(), 1)
        self.assertEqual(leaving.get("/api/users/me/favorites/").status_code,
                         401)

    def test_deleting_the_flyer_deletes_the_favorites(self):
        for flyer in (self.flyer, self.second):
            self.client.post(self.url(flyer["id"]))
        response = self.other.delete(f"/api/flyers/{self.flyer['id']}/")
        self.assertEqual(response.status_code, 204)
        self.assertEqual([f["flyer_id"] for f in self.favorites()],
                         [self.second["id"]])
        self.assertEqual(self.client.delete(
            self.url(self.flyer["id"])).status_code, 404)

    def test_fields(self):
        data = self.client.post(self.url(self.flyer["id"])).data
        self.assertEqual(set(data), {"id", "flyer_id", "created_at"})
        self.assertIsInstance(data["id"], int)
        self.assertEqual(data["flyer_id"], self.flyer["id"])
        self.assertRegex(data["created_at"],
                         r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

    def test_id_and_created_at_are_read_only(self):
        data = self.client.post(self.url(self.flyer["id"]), {
            "id": 1, "flyer_id": self.second["id"],
            "created_at": "2000-01-01T00:00:00Z"}).data
        self.assertEqual(data["flyer_id"], self.flyer["id"])
        self.assertNotEqual(data["created_at"][:4], "2000")


class AddFavoriteTests(APITestCase):
    def test_authenticated_user_can_favorite(self):
        response = self.client.post(self.url(self.flyer["id"]))
        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.data["flyer_id"], self.flyer["id"])

    def test_favoriting_twice_is_idempotent(self):
        first = self.client.post(self.url(self.flyer["id"]))
        second = self.client.post(self.url(self.flyer["id"]))
        self.assertEqual(second.status_code, 200)
        self.assertEqual(first.data, second.data)

    def test_anonymous_user_gets_401(self):
        response = self.anonymous.post(self.url(self.flyer["id"]))
        self.assertEqual(response.status_code, 401)
        self.assertIn("detail", response.data)
        self.assertIn("Bearer", response.headers["WWW-Authenticate"])

    def test_invalid_flyer_returns_404(self):
        for flyer_id in (999999999, 0, "abc"):
            response = self.client.post(self.url(flyer_id))
            self.assertEqual(response.status_code, 404, flyer_id)
            self.assertIn("detail", response.data)

    def test_multiple_users_can_favorite_the_same_flyer(self):
        ids = set()
        for client in self.users:
            response = client.post(self.url(self.flyer["id"]))
            self.assertEqual(response.status_code, 201)
            ids.add(response.data["id"])
        self.assertEqual(len(ids), len(self.users))
        self.assertEqual(self.count(), len(self.users))

    def test_the_slash_at_the_end_is_optional(self):
        self.assertEqual(self.client.post(
            self.url(self.flyer["id"])[:-1]).status_code, 201)


class RemoveFavoriteTests(APITestCase):
    def test_authenticated_user_can_unfavorite(self):
        self.client.post(self.url(self.flyer["id"]))
        response = self.client.delete(self.url(self.flyer["id"]))
        self.assertEqual(response.status_code, 204)
        self.assertEqual(response.content, b"")
        self.assertEqual(self.favorites(), [])

    def test_missing_favorite_returns_404(self):
        response = self.client.delete(self.url(self.flyer["id"]))
        self.assertEqual(response.status_code, 404)
        self.assertEqual(response.data["detail"], "Favorite not found")

    def test_anonymous_user_gets_401(self):
        self.client.post(self.url(self.flyer["id"]))
        response = self.anonymous.delete(self.url(self.flyer["id"]))
        self.assertEqual(response.status_code, 401)
        self.assertEqual(len(self.favorites()), 1)

    def test_cannot_unfavorite_for_another_user(self):
        self.client.post(self.url(self.flyer["id"]))
        response = self.other.delete(self.url(self.flyer["id"]))
        self.assertEqual(response.status_code, 404)
        self.assertEqual(len(self.favorites()), 1)

    def test_favoriting_again_creates_a_new_favorite(self):
        first = self.client.post(self.url(self.flyer["id"])).data
        self.client.delete(self.url(self.flyer["id"]))
        response = self.client.post(self.url(self.flyer["id"]))
        self.assertEqual(response.status_code, 201)
        self.assertNotEqual(response.data["id"], first["id"])


class ListFavoritesTests(APITestCase):
    def test_returns_favorites_with_flyer_details(self):
        self.client.post(self.url(self.flyer["id"]))
        favorite, = self.favorites()
        self.assertEqual(favorite["flyer_id"], self.flyer["id"])
        for name in ("id", "title", "description", "category", "image_url",
                     "publisher_id", "created_at"):
            self.assertEqual(favorite["flyer"][name], self.flyer[name])
        self.assertTrue(favorite["flyer"]["is_favorited"])

    def test_empty_list(self):
        self.assertEqual(self.favorites(), [])

    def test_anonymous_user_gets_401(self):
        response = self.anonymous.get("/api/users/me/favorites/")
        self.assertEqual(response.status_code, 401)

    def test_ordered_by_created_at_descending(self):
        flyers = [self.create_flyer(f"flyer {n}")["id"] for n in range(5)]
        for flyer_id in flyers:
            self.client.post(self.url(flyer_id))
        self.client.delete(self.url(flyers[1]))
        self.client.post(self.url(flyers[1]))
        favorites = self.favorites()
        self.assertEqual([f["flyer_id"] for f in favorites],
                         [flyers[n] for n in (1, 4, 3, 2, 0)])
        times = [f["created_at"] for f in favorites]
        self.assertEqual(times, sorted(times, reverse=True))

    def test_users_see_only_their_own(self):
        self.client.post(self.url(self.flyer["id"]))
        self.other.post(self.url(self.second["id"]))
        self.assertEqual([f["flyer_id"] for f in self.favorites()],
                         [self.flyer["id"]])

    def test_limit_offset_pagination(self):
        flyers = [self.create_flyer(f"page {n}")["id"] for n in range(7)]
        for flyer_id in flyers:
            self.client.post(self.url(flyer_id))
        path, seen = "/api/users/me/favorites/?limit=3", []
        while path:
            page = self.client.get(path).data
            self.assertEqual(page["count"], 7)
            seen += [f["flyer_id"] for f in page["results"]]
            path = page["next"] and page["next"].split("/", 3)[3]
            path = path and "/" + path
        self.assertEqual(seen, flyers[::-1])


class PerformanceTests(APITestCase):
    def test_concurrent_requests_create_one_favorite(self):
        def save(_):
            client = APIClient()
            client.credentials(
                HTTP_AUTHORIZATION=self.client.defaults["Authorization"])
            return client.post(self.url(self.flyer["id"]))

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            responses = list(pool.map(save, range(48)))
        codes = [r.status_code for r in responses]
        self.assertEqual(codes.count(201), 1)
        self.assertEqual(codes.count(200), 47)
        self.assertEqual(len({r.data["id"] for r in responses}), 1)
        self.assertEqual(self.count(), 1)

    def test_concurrent_toggles_leave_the_count_right(self):
        def toggle(n):
            client = APIClient()
            client.credentials(
                HTTP_AUTHORIZATION=self.client.defaults["Authorization"])
            send = client.post if n % 2 else client.delete
            return send(self.url(self.flyer["id"])).status_code

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            codes = set(pool.map(toggle, range(60)))
        self.assertLessEqual(codes, {200, 201, 204, 404})
        self.assertEqual(self.count(), len(self.favorites()))

    def queries(self, client, path):
        """The number of statements that a GET executes."""
        response = client.get(path)
        self.assertEqual(response.status_code, 200)
        request_id = response.headers["X-Request-ID"]
        for _ in range(600):
            with open(CONTEXT["log"], encoding="utf-8") as log:
                for line in log:
                    if request_id in line:
                        return json.loads(line)["sql"]
            time.sleep(0.05)
        self.fail(f"no line of {request_id} in the log")
        return None

    def test_query_count_does_not_depend_on_the_number_of_favorites(self):
        many = self.sign_in(CONTEXT["many"])
        counts = [self.queries(many, f"/api/users/me/favorites/?limit={limit}")
                  for limit in (1, 10, 100)]
        self.assertGreater(counts[0], 0)
        # The service does not read again what it has read before.
        self.assertLessEqual(max(counts), counts[0])

    def test_one_request_lists_1000_favorites_with_details(self):
        many = self.sign_in(CONTEXT["many"])
        favorites = self.favorites(many)
        self.assertGreaterEqual(len(favorites), 1000)
        self.assertTrue(all(f["flyer"]["title"] for f in favorites))
        self.assertEqual(len({f["flyer_id"] for f in favorites}),
                         len(favorites))


if __name__ == "__main__":
    with open(sys.argv.pop(1), encoding="utf-8") as file:
        CONTEXT.update(json.load(file))
    unittest.main()
