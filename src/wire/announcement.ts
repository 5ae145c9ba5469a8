// The forms in which a machine announces an address (gratuitous ARP).

/**
 * How an address is announced, all broadcast with sender = target: `request` as `arping -U` (target
 * MAC ff:ff:ff:ff:ff:ff), `reply` as `arping -A` (target MAC the sender's), `kernel` as arp_notify
 * (request, target MAC zero).
 */
export type AnnouncementForm = 'request' | 'reply' | 'kernel';
