// Made by `npm run types` from supabase/migrations: not to be edited by hand.

type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  __InternalSupabase: {
    PostgrestVersion: "14.1";
  };
  public: {
    Tables: {
      attachments: {
        Row: {
          document_id: string | null;
          file_name: string;
          owner_id: string;
          parent_id: string;
          position: number;
          refusal: string | null;
          removed_at: string | null;
          sha256: string;
        };
        Insert: {
          document_id?: string | null;
          file_name: string;
          owner_id: string;
          parent_id: string;
          position: number;
          refusal?: string | null;
          removed_at?: string | null;
          sha256: string;
        };
        Update: {
          document_id?: string | null;
          file_name?: string;
          owner_id?: string;
          parent_id?: string;
          position?: number;
          refusal?: string | null;
          removed_at?: string | null;
          sha256?: string;
        };
        Relationships: [
          {
            foreignKeyName: "attachments_document_fkey";
            columns: ["document_id"];
            isOneToOne: false;
            referencedRelation: "documents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "attachments_parent_fkey";
            columns: ["parent_id"];
            isOneToOne: false;
            referencedRelation: "documents";
            referencedColumns: ["id"];
          },
        ];
      };
      chunks: {
        Row: {
          char_from: number;
          char_to: number;
          content: string;
          content_hash: string;
          document_id: string;
          embedding: string;
          fts: unknown;
          heading_path: string[];
          id: string;
          job_id: string;
          ordinal: number;
          owner_id: string;
          page_from: number | null;
          page_to: number | null;
          text_config: string;
          token_count: number;
        };
        Insert: {
          char_from: number;
          char_to: number;
          content: string;
          content_hash: string;
          document_id: string;
          embedding: string;
          fts?: never;
          heading_path?: string[];
          id: string;
          job_id: string;
          ordinal: number;
          owner_id: string;
          page_from?: number | null;
          page_to?: number | null;
          text_config?: string;
          token_count: number;
        };
        Update: {
          char_from?: number;
          char_to?: number;
          content?: string;
          content_hash?: string;
          document_id?: string;
          embedding?: string;
          fts?: never;
          heading_path?: string[];
          id?: string;
          job_id?: string;
          ordinal?: number;
          owner_id?: string;
          page_from?: number | null;
          page_to?: number | null;
          text_config?: string;
          token_count?: number;
        };
        Relationships: [
          {
            foreignKeyName: "chunks_job_fkey";
            columns: ["job_id"];
            isOneToOne: false;
            referencedRelation: "ingestion_jobs";
            referencedColumns: ["id"];
          },
        ];
      };
      documents: {
        Row: {
          active_job_id: string | null;
          created_at: string;
          deleted_at: string | null;
          error: Json | null;
          file_name: string;
          id: string;
          media_type: string;
          owner_id: string;
          parent_id: string | null;
          previous_job_id: string | null;
          previous_since: string | null;
          sha256: string;
          size_bytes: number;
          status: string;
          storage_key: string;
          title: string;
          title_given: boolean;
          updated_at: string;
        };
        Insert: {
          active_job_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          error?: Json | null;
          file_name: string;
          id: string;
          media_type: string;
          owner_id: string;
          parent_id?: string | null;
          previous_job_id?: string | null;
          previous_since?: string | null;
          sha256: string;
          size_bytes: number;
          status?: string;
          storage_key: string;
          title: string;
          title_given?: boolean;
          updated_at?: string;
        };
        Update: {
          active_job_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          error?: Json | null;
          file_name?: string;
          id?: string;
          media_type?: string;
          owner_id?: string;
          parent_id?: string | null;
          previous_job_id?: string | null;
          previous_since?: string | null;
          sha256?: string;
          size_bytes?: number;
          status?: string;
          storage_key?: string;
          title?: string;
          title_given?: boolean;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "documents_active_job_fkey";
            columns: ["active_job_id"];
            isOneToOne: false;
            referencedRelation: "ingestion_jobs";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "documents_parent_fkey";
            columns: ["parent_id"];
            isOneToOne: false;
            referencedRelation: "documents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "documents_previous_job_fkey";
            columns: ["previous_job_id"];
            isOneToOne: false;
            referencedRelation: "ingestion_jobs";
            referencedColumns: ["id"];
          },
        ];
      };
      embedding_cache: {
        Row: {
          content_hash: string;
          created_at: string;
          dimensions: number;
          document_id: string;
          embedding: string;
          model: string;
          owner_id: string;
        };
        Insert: {
          content_hash: string;
          created_at?: string;
          dimensions: number;
          document_id: string;
          embedding: string;
          model: string;
          owner_id: string;
        };
        Update: {
          content_hash?: string;
          created_at?: string;
          dimensions?: number;
          document_id?: string;
          embedding?: string;
          model?: string;
          owner_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "embedding_cache_document_fkey";
            columns: ["document_id"];
            isOneToOne: false;
            referencedRelation: "documents";
            referencedColumns: ["id"];
          },
        ];
      };
      embedding_pace: {
        Row: {
          asks_from: string;
          learned_at: string;
          model: string;
          paused_for: string | null;
          paused_until: string;
          requests_from: string;
          requests_per_minute: number | null;
          tokens_from: string;
          tokens_per_minute: number | null;
          told_at: string;
        };
        Insert: {
          asks_from?: string;
          learned_at?: string;
          model: string;
          paused_for?: string | null;
          paused_until?: string;
          requests_from?: string;
          requests_per_minute?: number | null;
          tokens_from?: string;
          tokens_per_minute?: number | null;
          told_at?: string;
        };
        Update: {
          asks_from?: string;
          learned_at?: string;
          model?: string;
          paused_for?: string | null;
          paused_until?: string;
          requests_from?: string;
          requests_per_minute?: number | null;
          tokens_from?: string;
          tokens_per_minute?: number | null;
          told_at?: string;
        };
        Relationships: [];
      };
      ingestion_events: {
        Row: {
          at: string;
          code: string;
          document_id: string;
          id: number;
          job_id: string | null;
          level: string;
          message: string;
          owner_id: string;
          stage: string | null;
        };
        Insert: {
          at?: string;
          code: string;
          document_id: string;
          id?: never;
          job_id?: string | null;
          level?: string;
          message: string;
          owner_id: string;
          stage?: string | null;
        };
        Update: {
          at?: string;
          code?: string;
          document_id?: string;
          id?: never;
          job_id?: string | null;
          level?: string;
          message?: string;
          owner_id?: string;
          stage?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "ingestion_events_document_fkey";
            columns: ["document_id"];
            isOneToOne: false;
            referencedRelation: "documents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ingestion_events_job_fkey";
            columns: ["job_id"];
            isOneToOne: false;
            referencedRelation: "ingestion_jobs";
            referencedColumns: ["id"];
          },
        ];
      };
      ingestion_jobs: {
        Row: {
          attempt: number;
          chunks_embedded: number;
          chunks_reused: number;
          chunks_total: number | null;
          coverage: Json | null;
          created_at: string;
          document_id: string;
          embed_requests: number;
          error: Json | null;
          event_id: string;
          finished_at: string | null;
          heartbeat_at: string;
          id: string;
          language: string | null;
          number: number;
          owner_id: string;
          pages_done: number;
          pages_total: number | null;
          parsed_title: string | null;
          places: number;
          reason: string;
          recovered_at: string | null;
          recoveries: number;
          resumes_at: string | null;
          run_id: string | null;
          settings: Json;
          stage: string | null;
          started_at: string | null;
          status: string;
          text_config: string;
          timings: Json;
          tokens: number;
          warnings: Json;
        };
        Insert: {
          attempt?: number;
          chunks_embedded?: number;
          chunks_reused?: number;
          chunks_total?: number | null;
          coverage?: Json | null;
          created_at?: string;
          document_id: string;
          embed_requests?: number;
          error?: Json | null;
          event_id: string;
          finished_at?: string | null;
          heartbeat_at?: string;
          id?: string;
          language?: string | null;
          number: number;
          owner_id: string;
          pages_done?: number;
          pages_total?: number | null;
          parsed_title?: string | null;
          places?: number;
          reason: string;
          recovered_at?: string | null;
          recoveries?: number;
          resumes_at?: string | null;
          run_id?: string | null;
          settings: Json;
          stage?: string | null;
          started_at?: string | null;
          status?: string;
          text_config?: string;
          timings?: Json;
          tokens?: number;
          warnings?: Json;
        };
        Update: {
          attempt?: number;
          chunks_embedded?: number;
          chunks_reused?: number;
          chunks_total?: number | null;
          coverage?: Json | null;
          created_at?: string;
          document_id?: string;
          embed_requests?: number;
          error?: Json | null;
          event_id?: string;
          finished_at?: string | null;
          heartbeat_at?: string;
          id?: string;
          language?: string | null;
          number?: number;
          owner_id?: string;
          pages_done?: number;
          pages_total?: number | null;
          parsed_title?: string | null;
          places?: number;
          reason?: string;
          recovered_at?: string | null;
          recoveries?: number;
          resumes_at?: string | null;
          run_id?: string | null;
          settings?: Json;
          stage?: string | null;
          started_at?: string | null;
          status?: string;
          text_config?: string;
          timings?: Json;
          tokens?: number;
          warnings?: Json;
        };
        Relationships: [
          {
            foreignKeyName: "ingestion_jobs_document_fkey";
            columns: ["document_id"];
            isOneToOne: false;
            referencedRelation: "documents";
            referencedColumns: ["id"];
          },
        ];
      };
      outbox: {
        Row: {
          attempts: number;
          created_at: string;
          data: Json;
          id: string;
          name: string;
          sent_at: string | null;
        };
        Insert: {
          attempts?: number;
          created_at?: string;
          data: Json;
          id: string;
          name: string;
          sent_at?: string | null;
        };
        Update: {
          attempts?: number;
          created_at?: string;
          data?: Json;
          id?: string;
          name?: string;
          sent_at?: string | null;
        };
        Relationships: [];
      };
      uploads: {
        Row: {
          awaits_consent: boolean;
          created_at: string;
          expires_at: string;
          file_name: string;
          id: string;
          owner_id: string;
          size_bytes: number;
          storage_key: string;
        };
        Insert: {
          awaits_consent?: boolean;
          created_at?: string;
          expires_at: string;
          file_name: string;
          id: string;
          owner_id: string;
          size_bytes: number;
          storage_key: string;
        };
        Update: {
          awaits_consent?: boolean;
          created_at?: string;
          expires_at?: string;
          file_name?: string;
          id?: string;
          owner_id?: string;
          size_bytes?: number;
          storage_key?: string;
        };
        Relationships: [];
      };
    };
    Views: {
      document_overviews: {
        Row: {
          active_job_id: string | null;
          ahead: number | null;
          attachments: Json | null;
          chunks_embedded: number | null;
          chunks_reused: number | null;
          chunks_total: number | null;
          coverage: Json | null;
          created_at: string | null;
          embed_requests: number | null;
          error: Json | null;
          file_name: string | null;
          id: string | null;
          job_id: string | null;
          job_number: number | null;
          job_status: string | null;
          language: string | null;
          media_type: string | null;
          names: string | null;
          owner_id: string | null;
          pages_done: number | null;
          pages_total: number | null;
          parent_id: string | null;
          previous_job_id: string | null;
          resumes_at: string | null;
          served_chunks: number | null;
          served_pages: number | null;
          sha256: string | null;
          size_bytes: number | null;
          stage: string | null;
          started_at: string | null;
          status: string | null;
          storage_key: string | null;
          timings: Json | null;
          title: string | null;
          tokens: number | null;
          updated_at: string | null;
          warnings: Json | null;
        };
        Relationships: [];
      };
      paid_vectors: {
        Row: {
          content_hash: string | null;
          dimensions: number | null;
          embedding: string | null;
          model: string | null;
          owner_id: string | null;
        };
        Relationships: [];
      };
    };
    Functions: {
      awaits_event: {
        Args: { p_job_id: string };
        Returns: boolean;
      };
      begin_anew: {
        Args: { p_job_id: string; p_attempt: number; p_progress: Json; p_settings: Json };
        Returns: boolean;
      };
      begin_stage: {
        Args: { p_job_id: string; p_attempt: number; p_stage: string; p_progress?: Json };
        Returns: {
          job_id: string;
          attempt: number;
          number: number;
          document_id: string;
          owner_id: string;
          storage_key: string;
          file_name: string;
          media_type: string;
          size_bytes: number;
          sha256: string;
          settings: Json;
        }[];
      };
      cancel_job: {
        Args: { p_owner_id: string; p_document_id: string };
        Returns: boolean[];
      };
      count_documents: {
        Args: never;
        Returns: {
          status: string;
          code: string;
          count: number;
        }[];
      };
      delete_document: {
        Args: { p_owner_id: string; p_document_id: string };
        Returns: boolean;
      };
      describe_knowledgebase: {
        Args: never;
        Returns: Json;
      };
      embedding_turn_stands: {
        Args: { p_model: string; p_after_pause: string };
        Returns: boolean;
      };
      enter_stage: {
        Args: { p_job_id: string; p_attempt: number; p_stage: string; p_progress: Json };
        Returns: boolean;
      };
      exact_search_limit: {
        Args: never;
        Returns: number;
      };
      examine_knowledgebase: {
        Args: { p_lease_seconds: number; p_owner_limit: number; p_total_limit: number; p_orphan_seconds: number; p_model: string; p_dimensions: number };
        Returns: {
          finding: string;
          found: number;
          samples: string[];
        }[];
      };
      expire_former_indexes: {
        Args: { p_seconds: number };
        Returns: string[];
      };
      fail_job: {
        Args: { p_job_id: string; p_run_id: string; p_error: Json };
        Returns: boolean;
      };
      forget_expired_uploads: {
        Args: never;
        Returns: number;
      };
      has_vector_index: {
        Args: never;
        Returns: boolean;
      };
      is_at_capacity: {
        Args: { p_owner_id: string; p_lease_seconds: number; p_owner_limit: number; p_total_limit: number };
        Returns: boolean;
      };
      is_job_kept: {
        Args: { p_job: Database["public"]["Tables"]["ingestion_jobs"]["Row"]; p_document: Database["public"]["Tables"]["documents"]["Row"] };
        Returns: boolean;
      };
      is_reprocess_wanted: {
        Args: { p_document: Database["public"]["Tables"]["documents"]["Row"]; p_filter: Json };
        Returns: boolean;
      };
      list_arrived_uploads: {
        Args: { p_seconds: number; p_after_created_at: string; p_after_id: string; p_limit: number };
        Returns: {
          id: string;
          owner_id: string;
          created_at: string;
          expires_at: string;
        }[];
      };
      list_broken_documents: {
        Args: { p_model: string; p_dimensions: number };
        Returns: {
          finding: string;
          document_id: string;
        }[];
      };
      list_interrupted_jobs: {
        Args: { p_lease_seconds: number; p_owner_limit: number; p_total_limit: number; p_codes: string[] };
        Returns: {
          attempt: number;
          chunks_embedded: number;
          chunks_reused: number;
          chunks_total: number | null;
          coverage: Json | null;
          created_at: string;
          document_id: string;
          embed_requests: number;
          error: Json | null;
          event_id: string;
          finished_at: string | null;
          heartbeat_at: string;
          id: string;
          language: string | null;
          number: number;
          owner_id: string;
          pages_done: number;
          pages_total: number | null;
          parsed_title: string | null;
          places: number;
          reason: string;
          recovered_at: string | null;
          recoveries: number;
          resumes_at: string | null;
          run_id: string | null;
          settings: Json;
          stage: string | null;
          started_at: string | null;
          status: string;
          text_config: string;
          timings: Json;
          tokens: number;
          warnings: Json;
        }[];
        SetofOptions: {
          from: "*";
          to: "ingestion_jobs";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      list_orphan_objects: {
        Args: { p_seconds: number; p_limit: number };
        Returns: {
          bucket: string;
          name: string;
        }[];
      };
      list_prunable_documents: {
        Args: { p_limit: number };
        Returns: string[];
      };
      list_stalled_jobs: {
        Args: { p_lease_seconds: number; p_owner_limit: number; p_total_limit: number };
        Returns: {
          attempt: number;
          chunks_embedded: number;
          chunks_reused: number;
          chunks_total: number | null;
          coverage: Json | null;
          created_at: string;
          document_id: string;
          embed_requests: number;
          error: Json | null;
          event_id: string;
          finished_at: string | null;
          heartbeat_at: string;
          id: string;
          language: string | null;
          number: number;
          owner_id: string;
          pages_done: number;
          pages_total: number | null;
          parsed_title: string | null;
          places: number;
          reason: string;
          recovered_at: string | null;
          recoveries: number;
          resumes_at: string | null;
          run_id: string | null;
          settings: Json;
          stage: string | null;
          started_at: string | null;
          status: string;
          text_config: string;
          timings: Json;
          tokens: number;
          warnings: Json;
        }[];
        SetofOptions: {
          from: "*";
          to: "ingestion_jobs";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      lock_live_job: {
        Args: { p_job_id: string; p_attempt: number };
        Returns: {
          attempt: number;
          chunks_embedded: number;
          chunks_reused: number;
          chunks_total: number | null;
          coverage: Json | null;
          created_at: string;
          document_id: string;
          embed_requests: number;
          error: Json | null;
          event_id: string;
          finished_at: string | null;
          heartbeat_at: string;
          id: string;
          language: string | null;
          number: number;
          owner_id: string;
          pages_done: number;
          pages_total: number | null;
          parsed_title: string | null;
          places: number;
          reason: string;
          recovered_at: string | null;
          recoveries: number;
          resumes_at: string | null;
          run_id: string | null;
          settings: Json;
          stage: string | null;
          started_at: string | null;
          status: string;
          text_config: string;
          timings: Json;
          tokens: number;
          warnings: Json;
        }[];
        SetofOptions: {
          from: "*";
          to: "ingestion_jobs";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      maintain_vector_index: {
        Args: never;
        Returns: boolean;
      };
      mark_dispatch_failed: {
        Args: { p_event_ids: string[]; p_error: Json };
        Returns: undefined;
      };
      mark_dispatched: {
        Args: { p_event_ids: string[] };
        Returns: undefined;
      };
      matching_chunks: {
        Args: { p_query: string; p_limit: number; p_document_id: string };
        Returns: {
          id: string;
          has_all: boolean;
          weight: number;
        }[];
      };
      nearest_chunks_exact: {
        Args: { p_embedding: string; p_limit: number; p_document_id: string };
        Returns: {
          id: string;
          distance: number;
        }[];
      };
      nearest_chunks_indexed: {
        Args: { p_embedding: string; p_limit: number; p_document_id: string };
        Returns: {
          id: string;
          distance: number;
        }[];
      };
      note_events: {
        Args: { p_event_ids: string[]; p_is_sent: boolean };
        Returns: undefined;
      };
      pause_embedding: {
        Args: { p_model: string; p_seconds: number; p_code: string; p_requests_per_minute: number; p_tokens_per_minute: number };
        Returns: boolean;
      };
      prepare_batch: {
        Args: { p_job_id: string; p_attempt: number; p_ordinals: number[]; p_hashes: string[]; p_token_counts: number[]; p_model: string; p_requests_per_minute: number; p_tokens_per_minute: number; p_longest_wait: number; p_progress?: Json };
        Returns: Json;
      };
      prune_chunks: {
        Args: { p_document_id: string; p_limit: number };
        Returns: number;
      };
      prune_outbox: {
        Args: { p_seconds: number; p_limit: number };
        Returns: number;
      };
      publish_job: {
        Args: { p_job_id: string; p_attempt: number };
        Returns: Json;
      };
      purge_document: {
        Args: { p_document_id: string };
        Returns: undefined;
      };
      queue_job: {
        Args: { p_document_id: string; p_reason: string; p_settings: Json; p_event_id?: string };
        Returns: string;
      };
      queue_reprocess_page: {
        Args: { p_request_id: string; p_filter: Json; p_settings: Json; p_after: string; p_limit: number };
        Returns: Json;
      };
      read_missing_chunks: {
        Args: { p_job_id: string; p_attempt: number; p_ordinals: number[]; p_hashes: string[] };
        Returns: {
          ordinal: number;
          cached: boolean;
        }[];
      };
      read_query: {
        Args: { p_config: string; p_query: string };
        Returns: {
          every_word: unknown;
          some_word: unknown;
        };
      };
      record_event: {
        Args: { p_job_id: string; p_level: string; p_stage: string; p_code: string; p_message: string };
        Returns: undefined;
      };
      record_progress: {
        Args: { p_job_id: string; p_attempt: number; p_progress: Json };
        Returns: boolean;
      };
      recover_jobs: {
        Args: { p_lease_seconds: number; p_owner_limit: number; p_total_limit: number; p_most: number; p_error: Json; p_outages: string[] };
        Returns: {
          job_id: string;
          event_id: string;
          event_name: string;
          event_data: Json;
        }[];
      };
      register_attachment: {
        Args: { p_job_id: string; p_attempt: number; p_attachment: Json; p_document: Json; p_settings: Json };
        Returns: {
          outcome: string;
          document_id: string;
        }[];
      };
      register_document: {
        Args: { p_owner_id: string; p_document: Json; p_settings: Json };
        Returns: {
          document_id: string;
          duplicate: boolean;
          event: Json;
          overview: Json;
        }[];
      };
      request_bulk_reprocess: {
        Args: { p_owner_id: string; p_filter: Json };
        Returns: {
          event_id: string;
          documents: number;
        }[];
      };
      request_reprocess: {
        Args: { p_owner_id: string; p_document_id: string; p_settings: Json };
        Returns: string[];
      };
      rest_job: {
        Args: { p_job_id: string; p_attempt: number; p_seconds: number };
        Returns: boolean;
      };
      rest_until_turn: {
        Args: { p_job_id: string; p_attempt: number; p_model: string; p_seconds: number; p_turn_seconds: number };
        Returns: number;
      };
      roll_back_document: {
        Args: { p_owner_id: string; p_document_id: string };
        Returns: string[];
      };
      search_chunks: {
        Args: { p_query: string; p_embedding: string; p_limit?: number; p_document_id?: string };
        Returns: {
          chunk_id: string;
          document_id: string;
          title: string;
          file_name: string;
          content: string;
          score: number;
          page_from: number;
          page_to: number;
          heading_path: string[];
          char_from: number;
          char_to: number;
          ordinal: number;
        }[];
      };
      search_text: {
        Args: { p_text: string };
        Returns: string;
      };
      search_vector: {
        Args: { p_config: string; p_text: string };
        Returns: unknown;
      };
      search_words: {
        Args: { p_query: string };
        Returns: string;
      };
      start_job: {
        Args: { p_document_id: string; p_job_id: string; p_event_id: string; p_run_id: string; p_settings: Json };
        Returns: {
          job_id: string;
          attempt: number;
          number: number;
          document_id: string;
          owner_id: string;
          storage_key: string;
          file_name: string;
          media_type: string;
          size_bytes: number;
          sha256: string;
          settings: Json;
        }[];
      };
      store_chunks: {
        Args: { p_job_id: string; p_attempt: number; p_chunks: Json; p_tokens: number; p_requests: number };
        Returns: boolean;
      };
      store_last_chunks: {
        Args: { p_job_id: string; p_attempt: number; p_chunks: Json; p_tokens: number; p_requests: number };
        Returns: Json;
      };
      take_embedding_turn: {
        Args: { p_model: string; p_tokens: number; p_requests_per_minute: number; p_tokens_per_minute: number; p_longest_wait: number };
        Returns: {
          wait_seconds: number;
          turn_seconds: number;
          is_taken: boolean;
          code: string;
          after_pause: string;
        }[];
      };
      text_config: {
        Args: { p_language: string };
        Returns: string;
      };
      unspaced_sign: {
        Args: never;
        Returns: {
          first: string;
          sign: string;
        };
      };
    };
    Enums: { [_ in never]: never };
    CompositeTypes: { [_ in never]: never };
  };
};
