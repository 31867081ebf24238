-- Consent: an upload whose cost was asked for waits for its owner's word, and is not taken in by itself. Touches: public.uploads.
alter table public.uploads add column awaits_consent boolean not null default false;

comment on column public.uploads.awaits_consent is 'Its owner was told what embedding it costs. Unless they register it before it expires, it goes.';
