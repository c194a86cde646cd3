/*
 * A long line on one machine, for kernels without netem: two network namespaces are joined by two TUN devices, and every packet between
 * them takes its turn at the line's rate, half a round trip, and its chance to be lost. Real TCP runs over it.
 *
 *     line NAMESPACE_A NAMESPACE_B RTT_MS MBIT LOSS_PERCENT
 *
 * A has 10.77.0.1 and B 10.77.0.2. Prints "up" once both are there; SIGTERM ends it. Each direction has a queue of one round trip of its
 * rate, 50 ms at least; what finds it full is dropped. Needs root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MTU 1500
/* Ethernet's preamble, header, checksum and gap. */
#define FRAMING 38
#define SECOND 1000000000ull
#define AT_ONCE 64

struct packet {
  uint64_t due;
  size_t length;
  unsigned char data[MTU];
};

/* Packets of one direction, first in, first out. */
struct direction {
  int from, to;
  struct packet *ring;
  size_t size, head, tail;
  uint64_t free_at;
};

struct line {
  uint64_t half_trip, queue;
  double nanoseconds_a_byte, loss;
};

static volatile sig_atomic_t ended;

static void end(int signal) {
  (void)signal;
  ended = 1;
}

static uint64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (uint64_t)at.tv_sec * SECOND + (uint64_t)at.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* A TUN device inside of the namespace, whose packets this process reads and writes. */
static int open_tun(const char *space, const char *address) {
  char path[256], command[512];
  snprintf(path, sizeof path, "/var/run/netns/%s", space);
  int inside = open(path, O_RDONLY), outside = open("/proc/self/ns/net", O_RDONLY);
  if (inside < 0 || outside < 0 || setns(inside, CLONE_NEWNET) != 0) fail(space);
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request;
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  strncpy(request.ifr_name, "line", IFNAMSIZ - 1);
  if (tun < 0 || ioctl(tun, TUNSETIFF, &request) != 0) fail("/dev/net/tun");
  snprintf(command, sizeof command,
           "ip link set lo up && ip address add %s/24 dev line && ip link set line mtu %d txqueuelen 1000 up", address, MTU);
  if (system(command) != 0) exit(1);
  if (setns(outside, CLONE_NEWNET) != 0) fail("setns");
  close(inside);
  close(outside);
  return tun;
}

/* Takes what has come into one end; the queue holds what the line has not sent yet. */
static void take(struct direction *way, const struct line *line) {
  uint64_t at = now();
  for (int i = 0; i < AT_ONCE; i++) {
    size_t next = (way->tail + 1) % way->size;
    struct packet *packet = &way->ring[way->tail];
    ssize_t length = read(way->from, packet->data, MTU);
    if (length <= 0) return;
    if (way->free_at < at) way->free_at = at;
    if (next == way->head || way->free_at - at > line->queue || drand48() < line->loss) continue;
    way->free_at += (uint64_t)((double)(length + FRAMING) * line->nanoseconds_a_byte);
    packet->due = way->free_at + line->half_trip;
    packet->length = (size_t)length;
    way->tail = next;
  }
}

/* Hands over what has arrived; returns when the next packet will have. */
static uint64_t give(struct direction *way) {
  for (; way->head != way->tail; way->head = (way->head + 1) % way->size) {
    struct packet *packet = &way->ring[way->head];
    if (packet->due > now()) return packet->due;
    if (write(way->to, packet->data, packet->length) < 0 && errno == EAGAIN) return now() + SECOND / 10000;
  }
  return now() + SECOND / 20;
}

int main(int count, char **words) {
  if (count != 6) return 2;
  double rtt_ms = atof(words[3]), mbit = atof(words[4]);
  struct line line = {
      .half_trip = (uint64_t)(rtt_ms / 2 * 1e6),
      .queue = (uint64_t)((rtt_ms > 50 ? rtt_ms : 50) * 1e6),
      .nanoseconds_a_byte = 8e3 / mbit,
      .loss = atof(words[5]) / 100,
  };
  int ends[2] = {open_tun(words[1], "10.77.0.1"), open_tun(words[2], "10.77.0.2")};
  /* Room for small packets too: acknowledgements are a tenth of a full one. */
  double bytes = ((double)line.half_trip + (double)line.queue + 1e8) / line.nanoseconds_a_byte;
  size_t size = (size_t)(bytes / 150) + 4096;
  struct direction ways[2];
  memset(ways, 0, sizeof ways);
  for (int i = 0; i < 2; i++) {
    ways[i].from = ends[i];
    ways[i].to = ends[1 - i];
    ways[i].size = size;
    ways[i].ring = calloc(size, sizeof *ways[i].ring);
    if (ways[i].ring == NULL) fail("calloc");
  }
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = end;
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  srand48(1);
  /* A line does not wait until a processor is free; and where it may not come first it is as good as it gets. */
  setpriority(PRIO_PROCESS, 0, -20);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  if (timer < 0) fail("timerfd");
  puts("up");
  fflush(stdout);
  while (!ended) {
    uint64_t next = UINT64_MAX;
    for (int i = 0; i < 2; i++) {
      take(&ways[i], &line);
      uint64_t due = give(&ways[i]);
      if (due < next) next = due;
    }
    struct itimerspec until = {.it_value = {(time_t)(next / SECOND), (long)(next % SECOND)}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &until, NULL);
    struct pollfd waiting[3] = {{ends[0], POLLIN, 0}, {ends[1], POLLIN, 0}, {timer, POLLIN, 0}};
    poll(waiting, 3, 100);
    uint64_t expired;
    if (read(timer, &expired, sizeof expired) < 0 && errno != EAGAIN) fail("read");
  }
  return 0;
}
