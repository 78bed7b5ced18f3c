/* Reads lines of a kind and an input in hexadecimal from a file, and prints what libsoup makes of each as a line of parts in
 * hexadecimal: L list, Q quality list, S semicolon parameters, D date, F form, H header section, T status line. */

#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>

static void print_hex(const char *text) {
  for (; *text; text++) printf("%02x", (unsigned char)*text);
  putchar(',');
}

static void print_list(GSList *list) {
  for (; list; list = list->next) print_hex(list->data);
}

static void print_map(GHashTable *map) {
  GList *keys = g_list_sort(g_hash_table_get_keys(map), (GCompareFunc)g_ascii_strcasecmp);
  for (GList *key = keys; key; key = key->next) {
    const char *value = g_hash_table_lookup(map, key->data);
    print_hex(g_ascii_strdown(key->data, -1));
    print_hex(value ? value : "");
  }
}

static void print_field(const char *name, const char *value, gpointer data) {
  print_hex(name);
  print_hex(value);
}

static void convert(char kind, const char *input) {
  GSList *unacceptable = NULL;
  GDateTime *date;
  SoupMessageHeaders *headers;
  SoupHTTPVersion version;
  guint status;
  char *reason;
  switch (kind) {
    case 'L':
      print_list(soup_header_parse_list(input));
      break;
    case 'Q':
      print_list(soup_header_parse_quality_list(input, &unacceptable));
      printf("|");
      print_list(g_slist_reverse(unacceptable));
      break;
    case 'S':
      print_map(soup_header_parse_semi_param_list(input));
      break;
    case 'D':
      date = soup_date_time_new_from_http_string(input);
      if (date) printf("%" G_GINT64_FORMAT, g_date_time_to_unix(date));
      break;
    case 'F':
      print_map(soup_form_decode(input));
      break;
    case 'H':
      headers = soup_message_headers_new(SOUP_MESSAGE_HEADERS_MULTIPART);
      if (!soup_headers_parse(input, strlen(input), headers)) printf("refused");
      else soup_message_headers_foreach(headers, print_field, NULL);
      break;
    case 'T':
      if (!soup_headers_parse_status_line(input, &version, &status, &reason)) break;
      printf("%d %u ", version, status);
      print_hex(reason);
      break;
  }
  printf("\n");
}

int main(int argc, char **argv) {
  FILE *file = fopen(argv[1], "r");
  static char line[65536], input[32768];
  while (fgets(line, sizeof line, file)) {
    size_t length = 0;
    unsigned byte;
    for (const char *hex = line + 2; sscanf(hex, "%2x", &byte) == 1; hex += 2) input[length++] = byte;
    input[length] = 0;
    convert(line[0], input);
  }
  return 0;
}
