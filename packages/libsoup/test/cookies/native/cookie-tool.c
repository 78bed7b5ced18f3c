/* The cookie jars of native libsoup, at the command line: what a file written by one side is to the other.
 *
 *   cookie-tool text|db FILE list
 *   cookie-tool text|db FILE set URI SET-COOKIE...
 *   cookie-tool text|db FILE delete NAME
 *   cookie-tool text|db FILE send URI          (the Cookie header)
 */
#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>

static void
list (SoupCookieJar *jar)
{
    GSList *cookies = soup_cookie_jar_all_cookies (jar);

    for (GSList *l = cookies; l != NULL; l = l->next) {
        SoupCookie *cookie = l->data;
        GDateTime *expires = soup_cookie_get_expires (cookie);

        printf ("%s|%s|%s|%s|%" G_GINT64_FORMAT "|%d|%d|%d\n", soup_cookie_get_name (cookie),
                soup_cookie_get_value (cookie), soup_cookie_get_domain (cookie), soup_cookie_get_path (cookie),
                expires != NULL ? g_date_time_to_unix (expires) : 0, soup_cookie_get_secure (cookie),
                soup_cookie_get_http_only (cookie), (int) soup_cookie_get_same_site_policy (cookie));
    }
    g_slist_free_full (cookies, (GDestroyNotify) soup_cookie_free);
}

static void
delete (SoupCookieJar *jar, const char *name)
{
    GSList *cookies = soup_cookie_jar_all_cookies (jar);

    for (GSList *l = cookies; l != NULL; l = l->next) {
        if (strcmp (soup_cookie_get_name (l->data), name) == 0)
            soup_cookie_jar_delete_cookie (jar, l->data);
    }
    g_slist_free_full (cookies, (GDestroyNotify) soup_cookie_free);
}

int
main (int argc, char **argv)
{
    SoupCookieJar *jar;

    if (argc < 4)
        return 2;
    if (strcmp (argv[1], "db") == 0)
        jar = soup_cookie_jar_db_new (argv[2], FALSE);
    else
        jar = soup_cookie_jar_text_new (argv[2], FALSE);

    if (strcmp (argv[3], "list") == 0) {
        list (jar);
    } else if (strcmp (argv[3], "set") == 0 && argc > 5) {
        GUri *uri = g_uri_parse (argv[4], SOUP_HTTP_URI_FLAGS, NULL);

        for (int i = 5; i < argc; i++)
            soup_cookie_jar_set_cookie (jar, uri, argv[i]);
        g_uri_unref (uri);
    } else if (strcmp (argv[3], "delete") == 0 && argc == 5) {
        delete (jar, argv[4]);
    } else if (strcmp (argv[3], "send") == 0 && argc == 5) {
        GUri *uri = g_uri_parse (argv[4], SOUP_HTTP_URI_FLAGS, NULL);
        char *header = soup_cookie_jar_get_cookies (jar, uri, TRUE);

        printf ("%s\n", header != NULL ? header : "");
        g_free (header);
        g_uri_unref (uri);
    } else {
        return 2;
    }
    g_object_unref (jar);
    return 0;
}
