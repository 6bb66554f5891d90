from django.contrib.auth.models import User
from django.db import models
from django.db.backends.signals import connection_created


def pragmas(connection, **kw):
    with connection.cursor() as c:
        c.execute("PRAGMA journal_mode=WAL")
        c.execute("PRAGMA synchronous=FULL")


connection_created.connect(pragmas)


class Flyer(models.Model):
    title = models.TextField()
    city = models.TextField()
    country = models.TextField()
    description = models.TextField()
    thumbnail_url = models.TextField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "flyer"


class Favorite(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    flyer = models.ForeignKey(Flyer, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        managed = False
        db_table = "favorite"
        unique_together = [["user", "flyer"]]
