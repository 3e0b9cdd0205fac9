"""Searching what was said."""

from datetime import date

from functions.ingest.admission.auth import caller
from functions.ingest.lectures.search import search_transcripts as passages_found
from functions.ingest.schemas.material import (
    Highlight,
    SearchHit,
    SearchQuery,
    SearchRequest,
    SearchResponse,
)
from functions.ingest.web.operations import Operations
from functions.ingest.web.paging import PageQuery, pagination
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("search")

    @routes.post("/search", reads=True)
    def search_transcripts(body: SearchRequest) -> SearchResponse:
        """Search the caller's transcripts; each hit has the time at which it was said.

        The words are in the body, because addresses are logged on their way.
        """
        return found(body)

    @routes.get("/search", deprecated=date(2026, 11, 29))
    def search(query: SearchQuery) -> SearchResponse:
        """Search with the words in the address.

        Use `POST /search`: servers and proxies between may log addresses.
        """
        return found(query)

    def found(query: SearchQuery | SearchRequest) -> SearchResponse:
        with rt.database.reading() as session:
            hits, total = passages_found(
                session,
                caller().owner,
                query.q,
                course=query.course_id,
                limit=query.limit,
                offset=query.offset,
            )
        return SearchResponse(
            hits=tuple(
                SearchHit(
                    lecture_id=hit.lecture_id,
                    course_id=hit.course_id,
                    title=hit.title,
                    start_sec=hit.start_sec,
                    end_sec=hit.end_sec,
                    excerpt=hit.excerpt,
                    highlights=tuple(
                        Highlight(
                            start=found.start,
                            end=found.end,
                            utterance_id=found.utterance_id,
                            start_sec=found.start_sec,
                        )
                        for found in hit.highlights
                    ),
                    rank=hit.rank,
                )
                for hit in hits
            ),
            pagination=pagination(
                PageQuery(limit=query.limit, offset=query.offset),
                offset=query.offset,
                count=len(hits),
                total=total,
                has_more=query.offset + len(hits) < total,
            ),
        )

    return routes
