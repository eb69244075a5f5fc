/* write_registry.c - run when the command is built: writes liblode's registry as C source to FILE. */
#include <stdio.h>

#include "lode/lode.h"

int main(int argc, char **argv) {
    char *text = NULL;
    if (argc != 2 || lode_tasks_json(&text) != LODE_OK)
        return 1;
    FILE *out = fopen(argv[1], "w");
    if (!out)
        return 1;
    fprintf(out, "#include \"library.h\"\n\nconst char library_registry[] = {\n");
    for (const char *c = text; *c; c++)
        fprintf(out, "%d,%s", *c, (c - text) % 24 == 23 ? "\n" : "");
    fprintf(out, "0};\n");
    lode_free(text);
    return fclose(out) == 0 ? 0 : 1;
}
