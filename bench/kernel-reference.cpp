// The yardstick of bench/kernel.ts: std::priority_queue and nothing else. Usage: kernel-reference mm1|hold COUNT PENDING
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <queue>
#include <vector>

struct Event {
  double at;
  uint64_t order;
  int kind;
};
struct Later {
  bool operator()(const Event& a, const Event& b) const {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }
};

static uint64_t s[2] = {0x9e3779b97f4a7c15ull, 0xbf58476d1ce4e5b9ull};
static double uniform() {
  uint64_t a = s[0], b = s[1];
  s[0] = b;
  a ^= a << 23;
  s[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
  return ((s[1] + b) >> 11) * 0x1p-53;
}
static double exponential(double mean) { return -mean * std::log(1 - uniform()); }

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  long count = std::atol(argv[2]), pending = std::atol(argv[3]), done = 0;
  std::priority_queue<Event, std::vector<Event>, Later> agenda;
  uint64_t order = 0;
  double wait = NAN;
  std::clock_t begin = std::clock();
  if (std::strcmp(argv[1], "mm1") == 0) {
    std::deque<double> line;
    bool busy = false;
    double waits = 0;
    long begun = 0;
    agenda.push({0, order++, 0});
    while (done < count) {
      Event e = agenda.top();
      agenda.pop();
      done += 1;
      if (e.kind == 0) {
        if (busy) line.push_back(e.at);
        else busy = true, begun += 1, agenda.push({e.at + exponential(900), order++, 1});
        agenda.push({e.at + exponential(1000), order++, 0});
      } else if (line.empty()) busy = false;
      else {
        waits += e.at - line.front();
        begun += 1;
        line.pop_front();
        agenda.push({e.at + exponential(900), order++, 1});
      }
    }
    wait = waits / begun / 900;
  } else {
    for (long i = 0; i < pending; i += 1) agenda.push({exponential(1e6), order++, 0});
    for (long i = 0; i < pending * 2; i += 1) {
      Event e = agenda.top();
      agenda.pop();
      agenda.push({e.at + exponential(1e6), order++, 0});
    }
    begin = std::clock();
    for (; done < count; done += 1) {
      Event e = agenda.top();
      agenda.pop();
      agenda.push({e.at + exponential(1e6), order++, 0});
    }
  }
  double seconds = double(std::clock() - begin) / CLOCKS_PER_SEC;
  std::printf("%.6f %.6f\n", done / seconds / 1e6, wait);
}
