/* The HSTS database of native libsoup, at the command line.
 *
 *   hsts-tool FILE list
 *   hsts-tool FILE set DOMAIN MAX-AGE INCLUDE-SUBDOMAINS
 */
#include <libsoup/soup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main (int argc, char **argv)
{
    SoupHSTSEnforcer *enforcer;

    if (argc < 3)
        return 2;
    enforcer = soup_hsts_enforcer_db_new (argv[1]);

    if (strcmp (argv[2], "list") == 0) {
        GList *policies = soup_hsts_enforcer_get_policies (enforcer, TRUE);

        for (GList *l = policies; l != NULL; l = l->next) {
            SoupHSTSPolicy *policy = l->data;

            printf ("%s|%lu|%" G_GINT64_FORMAT "|%d\n", soup_hsts_policy_get_domain (policy),
                    soup_hsts_policy_get_max_age (policy),
                    g_date_time_to_unix (soup_hsts_policy_get_expires (policy)),
                    soup_hsts_policy_includes_subdomains (policy));
        }
        g_list_free_full (policies, (GDestroyNotify) soup_hsts_policy_free);
    } else if (strcmp (argv[2], "set") == 0 && argc == 6) {
        SoupHSTSPolicy *policy = soup_hsts_policy_new (argv[3], strtoul (argv[4], NULL, 10), atoi (argv[5]));

        soup_hsts_enforcer_set_policy (enforcer, policy);
        soup_hsts_policy_free (policy);
    } else {
        return 2;
    }
    g_object_unref (enforcer);
    return 0;
}
