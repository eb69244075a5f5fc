/* lode_chain.h - views that refer to themselves.
 *
 * A view's stack may be another view, or a VRT over one. The views at work on a thread form a
 * chain; meeting a name twice means a cycle. Worker threads inherit the chain of the thread they
 * serve. */
#ifndef LODE_CHAIN_H
#define LODE_CHAIN_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { LODE_DEEPEST_CHAIN = 8 };

typedef struct lode_chain {
    const char *names[LODE_DEEPEST_CHAIN];
    int depth;
} lode_chain;

/* False after CPLError when the calling thread is at work for this very view, or too deep. */
bool lode_chain_check(const char *name);
/* The same, and otherwise the view is at work until lode_chain_leave; the name must last. */
bool lode_chain_enter(const char *name);
void lode_chain_leave(void);

/* The calling thread's chain, and making one its own. */
lode_chain lode_chain_get(void);
void lode_chain_set(const lode_chain *chain);

#ifdef __cplusplus
}
#endif
#endif
