-- One house as revision 0001 stores it, a row in every table: what every later
-- migration must carry over.  Plain SQL for both engines; never edited afterwards.
INSERT INTO setting (key, value) VALUES ('house_name', '"The House"');
INSERT INTO site (id, slug, name, address, zone, country, region, opens_min, closes_min, bookable_days, position, version)
  VALUES (1, 'house', 'The House', '1 Long Lane', 'Europe/Paris', 'FR', '', 480, 1200, 400, 0, 1);
INSERT INTO floor (id, site_id, level, name) VALUES (1, 1, 0, 'Ground floor');
INSERT INTO space (id, site_id, floor_id, kind, name, description, capacity, features, colour, area_m2, lanes, bookable, needs_approval, requests_hold, setup_s, cleanup_s, position, archived_s, version)
  VALUES (1, 1, 1, 'meeting_room', 'Atlas', '', 8, '["screen"]', 0, 24.5, 1, true, false, true, 0, 900, 0, NULL, 1),
         (2, 1, 1, 'meeting_room', 'Birch', '', 6, '[]', 1, NULL, 1, true, true, true, 0, 0, 1, NULL, 1),
         (3, 1, NULL, 'meeting_room', 'Atlas and Birch', '', 14, '[]', 2, NULL, 1, true, true, true, 0, 0, 2, 1800000000, 2);
INSERT INTO space_part (space_id, part_id) VALUES (1, 1), (2, 2), (3, 1), (3, 2);
INSERT INTO organisation (id, name, kind, archived_s, version) VALUES (1, 'Ours', 'resident', NULL, 1), (2, 'Théâtre d''à côté', 'contributor', NULL, 1);
INSERT INTO person (id, email, name, password_hash, locale, theme, is_demo, sign_in_epoch, created_s, archived_s, version)
  VALUES (1, 'ada@example.org', 'Ada', NULL, 'fr', 'auto', false, 1, 1800000000, NULL, 1),
         (2, 'eve@example.org', 'Eve', NULL, NULL, 'dark', true, 3, 1800000000, 1800000001, 1);
INSERT INTO membership (person_id, organisation_id, is_manager) VALUES (1, 1, true), (2, 2, false);
INSERT INTO role_grant (id, person_id, role, site_id, space_id) VALUES (1, 1, 'admin', NULL, NULL), (2, 2, 'approver', 1, 2);
INSERT INTO invitation (id, token_hash, email, name, person_id, organisation_id, is_manager, grants, created_by_id, created_s, expires_s, used_s)
  VALUES (1, 'a1', 'new@example.org', '', NULL, 1, false, '[]', 1, 1800000000, 1801000000, NULL);
INSERT INTO attempt (id, key, at_s) VALUES (1, 'b2', 1800000000);
INSERT INTO subscription (id, token_hash, person_id, space_id, detail, name, created_s, last_used_s, revoked_s)
  VALUES (1, 'c3', 1, NULL, 'full', 'Phone', 1800000000, 1800000100, NULL);
INSERT INTO closure (id, site_id, space_id, start_s, end_s, reason, created_by_id, version)
  VALUES (1, 1, 2, 1810000000, 1810086400, 'Works', 1, 1);
INSERT INTO booking (id, uid, site_id, title, category, visibility, note, organiser_id, created_by_id, organisation_id, attendance, starts_local, ends_local, zone, all_day, rule, exdates, rdates, tzdata_version, follows_id, sequence, cancel_reason, request_key, created_s, updated_s, version)
  VALUES (1, 'one@example.org', 1, 'Choir', 'meeting', 'members', '', 1, 1, 1, 5, '2027-03-11T10:00', '2027-03-11T11:00', 'Europe/Paris', false, NULL, '[]', '[]', '2026a', NULL, 0, '', 'k1', 1800000000, 1800000000, 1),
         (2, 'two@example.org', 1, 'Repair café', 'workshop', 'public', '', 2, 2, 2, NULL, '2027-03-12T14:00', '2027-03-12T16:00', 'Europe/Paris', false, 'FREQ=WEEKLY;COUNT=2', '[]', '[]', '2026a', NULL, 1, '', NULL, 1800000000, 1800000000, 2);
INSERT INTO booking_organisation (booking_id, organisation_id) VALUES (2, 1);
INSERT INTO occurrence (id, booking_id, recurrence_id, start_s, end_s, title, note)
  VALUES (1, 1, '2027-03-11T10:00', 1804755600, 1804759200, NULL, NULL),
         (2, 2, '2027-03-12T14:00', 1804856400, 1804863600, NULL, NULL),
         (3, 2, '2027-03-19T14:00', 1805461200, 1805468400, 'Repair café, long', NULL);
INSERT INTO allocation (id, occurrence_id, space_id, state, start_s, end_s, setup_s, cleanup_s, reason, decided_by_id, decided_s)
  VALUES (1, 1, 1, 'confirmed', 1804755600, 1804759200, 0, 900, '', NULL, NULL),
         (2, 2, 2, 'confirmed', 1804856400, 1804863600, 0, 0, '', 1, 1800000200),
         (3, 3, 2, 'refused', 1805461200, 1805468400, 0, 0, 'Full', 1, 1800000200);
INSERT INTO hold (id, part_id, layer, lane, start_s, end_s, allocation_id, closure_id)
  VALUES (1, 1, 'use', 0, 1804755600, 1804760100, 1, NULL),
         (2, 2, 'use', 0, 1804856400, 1804863600, 2, NULL),
         (3, 2, 'use', 0, 1810000000, 1810086400, NULL, 1);
INSERT INTO collection (id, kind, owner_id, revision) VALUES (1, 'space', 1, 1);
INSERT INTO change (collection_id, revision, uid, gone, at_s) VALUES (1, 1, 'one@example.org', false, 1800000000);
INSERT INTO audit (id, at_s, actor_id, door, verb, entity, entity_id, old, new)
  VALUES (1, 1800000000, 1, 'web', 'book', 'booking', 1, NULL, '{"title": "Choir"}');
INSERT INTO notice (id, person_id, code, params, booking_id, at_s, read_s)
  VALUES (1, 2, 'request_refused', '{"title": "Repair café"}', 2, 1800000200, NULL);
