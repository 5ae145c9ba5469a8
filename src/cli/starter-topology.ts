// What `egresslab init` writes: a lab that runs as it is, and says of each part what it is for.

/** YAML; `egresslab run` plays it and all its expectations hold. */
export const STARTER_TOPOLOGY = `# A network lab. Play it:    egresslab run lab.yaml
# Check it:                  egresslab validate lab.yaml
# Keep it up, and try things: egresslab up lab.yaml
#
# Every key is listed in topologies/REFERENCE.md of egresslab. For help while you type:
#   egresslab schema > topology.schema.json
# and put this line first:
#   yaml-language-server: $schema=./topology.schema.json

name: starter
description: Two hosts on a segment, a router, and a server behind it

# Switches. A latency, a loss, a bandwidth given here is that of every cable on the segment.
segments:
  lan: { subnet: 192.168.50.0/24, latency: 100us }
  wan: { subnet: 203.0.113.0/24, latency: 5ms }

# Machines: each is a Linux host with interfaces, a routing table and a neighbor table.
hosts:
  web:
    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24 } }
    gateway: 192.168.50.1
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.20/24 } }
    gateway: 192.168.50.1
    services: [{ tcp: 5432, app: echo }]
  # Translates what the lan sends to its own address on the wan.
  router:
    forwarding: true
    interfaces:
      eth0: { segment: lan, address: 192.168.50.1/24 }
      eth1: { segment: wan, address: 203.0.113.1/24, snat: { from: 192.168.50.0/24, to: 203.0.113.1 } }
  server:
    interfaces: { eth0: { segment: wan, address: 203.0.113.10/24 } }
    services: [{ tcp: 80, app: whoami }]

# Ports whose frames are written to captures/starter.pcapng; "drops" are frames that were lost, with the reason.
capture: [db/eth0, router/eth1, drops]

scenario:
  duration: 20s

  # Requests that repeat; each is counted as answered or lost.
  flows:
    web-to-db: { from: web, to: db, tcp: 5432, every: 500ms }
    web-to-server: { from: web, to: server, tcp: 80, every: 500ms }

  # What happens, in order of time.
  steps:
    - { at: 5s, fail: db, how: unplugged }
    - { at: 10s, restore: db }
    # What must hold now. A run in which something does not ends with exit code 1.
    - at: 20s
      expect:
        - { flow: web-to-server, lost: 0, sources: [203.0.113.1] }
        - { flow: web-to-db, lost: "> 0", between: [5s, 10s] }
        - { flow: web-to-db, lost: 0, between: [14s, 20s] }
`;
