/* The C library's side of the benchmark: `libsoup CA-FILE CONNECTIONS` reads lines `URL REQUESTS CONCURRENCY SIZE` and
 * answers each with the seconds it took and the CPU seconds it used. */
#include <libsoup/soup.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

typedef struct {
  SoupSession *session;
  GMainLoop *loop;
  char url[1024];
  long left;
  long running;
  long size;
  char buffer[65536];
} Batch;

static void send_next(Batch *batch);

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what, GError *error) {
  fprintf(stderr, "native libsoup: %s: %s\n", what, error ? error->message : "short body");
  exit(1);
}

static void request_done(Batch *batch) {
  batch->running--;
  if (batch->left > 0)
    send_next(batch);
  else if (batch->running == 0)
    g_main_loop_quit(batch->loop);
}

static void read_whole(GObject *source, GAsyncResult *result, gpointer data) {
  GError *error = NULL;
  Batch *batch = data;
  GBytes *body = soup_session_send_and_read_finish(SOUP_SESSION(source), result, &error);
  if (!body || (long)g_bytes_get_size(body) != batch->size)
    fail("read", error);
  g_bytes_unref(body);
  request_done(batch);
}

/* A large body is read in pieces and thrown away, as the other contenders do. */
static void streamed(GObject *source, GAsyncResult *result, gpointer data) {
  GError *error = NULL;
  Batch *batch = data;
  GInputStream *body = soup_session_send_finish(SOUP_SESSION(source), result, &error);
  long total = 0;
  gssize got = 0;
  if (!body)
    fail("send", error);
  while ((got = g_input_stream_read(body, batch->buffer, sizeof batch->buffer, NULL, &error)) > 0)
    total += got;
  if (got < 0 || total != batch->size)
    fail("stream", error);
  g_object_unref(body);
  request_done(batch);
}

static void send_next(Batch *batch) {
  SoupMessage *message = soup_message_new("GET", batch->url);
  batch->left--;
  batch->running++;
  if (batch->size <= 65536)
    soup_session_send_and_read_async(batch->session, message, G_PRIORITY_DEFAULT, NULL, read_whole, batch);
  else
    soup_session_send_async(batch->session, message, G_PRIORITY_DEFAULT, NULL, streamed, batch);
  g_object_unref(message);
}

int main(int argc, char **argv) {
  static Batch batch;
  char line[2048];
  GError *error = NULL;
  if (argc != 3)
    return 2;
  GTlsDatabase *database = g_tls_file_database_new(argv[1], &error);
  if (!database)
    fail("authority", error);
  batch.session = soup_session_new_with_options("max-conns", 256, "max-conns-per-host", atoi(argv[2]), "tls-database",
                                                database, NULL);
  soup_session_add_feature_by_type(batch.session, SOUP_TYPE_COOKIE_JAR);
  soup_session_add_feature_by_type(batch.session, SOUP_TYPE_HSTS_ENFORCER);
  if (!soup_session_has_feature(batch.session, SOUP_TYPE_CONTENT_DECODER))
    soup_session_add_feature_by_type(batch.session, SOUP_TYPE_CONTENT_DECODER);
  batch.loop = g_main_loop_new(NULL, FALSE);
  while (fgets(line, sizeof line, stdin)) {
    long requests = 0, concurrency = 0;
    if (sscanf(line, "%1023s %ld %ld %ld", batch.url, &requests, &concurrency, &batch.size) != 4)
      return 2;
    double cpu = cpu_seconds();
    gint64 start = g_get_monotonic_time();
    batch.left = requests;
    for (long i = 0; i < concurrency && batch.left > 0; i++)
      send_next(&batch);
    g_main_loop_run(batch.loop);
    printf("%f %f\n", (g_get_monotonic_time() - start) / 1e6, cpu_seconds() - cpu);
    fflush(stdout);
  }
  g_main_loop_unref(batch.loop);
  g_object_unref(batch.session);
  g_object_unref(database);
  return 0;
}
