"""The API: photos of one lesion in, the JSON of `predict` out. See README.md of this room."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, File, Form, HTTPException, Request, Security, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.formparsers import MultiPartParser
from starlette.responses import Response

from melanoma.api.keys import Keys
from melanoma.api.limits import WHO, App, Gate, Limits, answer_fault, refuse
from melanoma.api.records import Diagnosis, KindPoints, LesionAnswer, Model, PhotoAnswer, Point, Problem
from melanoma.diagnoses import DIAGNOSES
from melanoma.documents.answer import as_point_record, list_records
from melanoma.documents.wording import RESEARCH_USE
from melanoma.photo import Photo, PhotoError, prepare_reading
from melanoma.run import KindCalibration, RunError
from melanoma.serving import Classifier, answer_lesion
from melanoma.serving.reading import Reader
from melanoma.serving.turns import PATIENCE, TURNS, TooBusyError, Turns
from melanoma.sources import DERMOSCOPIC

Kind = Literal["dermoscopic", "clinical"]
MOST_READERS = 1000  # keys or addresses whose costly photos are remembered
IN_THE_ADDRESS = "stands in the address, which is not looked at: send it as a field of the form."
FORM = "Send multipart/form-data with one photo or several in `photos`, and if you like `kind` and `operating_point`."
SENTENCES = {
    400: f"This form cannot be read. {FORM}",
    404: "There is nothing at this address: see /openapi.json.",
    405: "This address has no such method: see /openapi.json.",
}
PROBLEMS: dict[int | str, dict] = {
    status: {"model": Problem, "description": why}
    for status, why in {
        401: "No key, or one that is not known.",
        403: "Asked by another name than localhost, while there are no keys.",
        429: "Too many requests in a minute; Retry-After says how long to wait.",
    }.items()
}
PHOTO_PROBLEMS: dict[int | str, dict] = PROBLEMS | {
    status: {"model": Problem, "description": why}
    for status, why in {
        400: "No form.",
        408: "The photos took too long to arrive.",
        413: "Too many bytes.",
        422: "A photo cannot be used, or a field is wrong; nothing is answered then.",
        500: "A fault in the program.",
        503: "Too many requests in work, or no turn within a minute; Retry-After says how long to wait.",
    }.items()
}


def make_api(
    classifier: Classifier,
    keys: Keys,
    limits: Limits | None = None,
    turns: Turns = TURNS,
    make_reader: Callable[[], Reader] = Reader,
) -> App:
    """An ASGI app that answers with this network; without keys, to whoever asks for localhost.

    turns: each request waits for one, as visitors of the app do: no more of them compute at once than there are cores.
    make_reader: of whoever asks, a key or an address: each is a visitor, whose costly photos make nobody else wait.
    """
    limits = limits or Limits()
    find_reader = lru_cache(MOST_READERS)(lambda who: make_reader())
    prepare_reading()
    # Photos stay in memory: what is larger than this, which nothing is, would go to a file.
    MultiPartParser.spool_max_size = limits.size + 1
    api = FastAPI(
        title="Melanoma",
        version="1",
        description=RESEARCH_USE,
        docs_url=None,  # its scripts would come from elsewhere
        redoc_url=None,
        dependencies=[Security(HTTPBearer(auto_error=False))] if keys.names else None,  # `Gate` looks at it
    )
    add_refusals(api, limits)

    @api.post(
        "/v1/lesions",
        responses=PHOTO_PROBLEMS,
        summary="Answer one photo or several of one lesion",
        dependencies=[Depends(refuse_address_fields)],
    )
    def answer_photos(
        request: Request,
        photos: Annotated[list[UploadFile], File(min_length=1, max_length=limits.photos)],
        kind: Annotated[Kind | None, Form(description="Null: as the network sees each photo.")] = None,
        operating_point: Annotated[str | None, Form(description="Null: the run's default.")] = None,
    ) -> list[PhotoAnswer | LesionAnswer]:
        """A record a photo, in their order; with several, one more for the lesion. As `predict --json` prints it."""
        classifier.operating_point(operating_point, kind or DERMOSCOPIC)  # before anything is read
        files = read_photos(find_reader(request.scope[WHO]), photos)
        with turns.take():
            return answer(classifier, files, kind, operating_point)

    @api.get("/v1/model", responses=PROBLEMS, summary="Which network answers")
    def describe_model() -> Model:
        """Run, hash, diagnoses, and operating points with sensitivity and specificity on test photos."""
        return describe(classifier)

    return Gate(api, keys, limits)


def refuse_address_fields(request: Request) -> None:
    """A field in the address would else be answered as if nothing had been asked for."""
    if request.query_params:
        raise HTTPException(422, f"{min(request.query_params)!r} {IN_THE_ADDRESS}")


def read_photos(reader: Reader, uploads: list[UploadFile]) -> list[tuple[str, Photo]]:
    """Names and photos, all or none: one that cannot be used refuses the request, with its number."""
    photos = []
    for number, upload in enumerate(uploads, 1):
        try:
            photos.append((upload.filename or "", reader.read(upload.file.read())))
        except PhotoError as error:
            raise HTTPException(422, f"Photo {number}: {error}" if len(uploads) > 1 else str(error)) from error
    return photos


def answer(
    classifier: Classifier, photos: list[tuple[str, Photo]], kind: str | None, operating_point: str | None
) -> list[PhotoAnswer | LesionAnswer]:
    """Of each photo, and with several of their lesion."""
    answers = [(name, photo, classifier.predict(photo, operating_point, kind)) for name, photo in photos]
    predictions = [prediction for _, _, prediction in answers]
    lesion = answer_lesion(classifier, predictions, operating_point) if len(answers) > 1 else None
    records = list_records(answers, lesion)
    return [LesionAnswer(**one) if "lesion" in one else PhotoAnswer(**one) for one in records]


def describe(classifier: Classifier) -> Model:
    """What `GET /v1/model` answers."""
    run, calibration = classifier.run, classifier.calibration
    kinds = {kind: calibration.of_kind(kind) for kind in calibration.kinds}
    if calibration.pair is not None:
        kinds["both"] = calibration.pair
    return Model(
        run=run.name,
        network_sha256=run.sha256,
        engine=classifier.engine,
        input_size=run.input_size,
        diagnoses=[
            Diagnosis(
                code=one.code, name=one.name, malignant=one.malignant, learned=one.code not in run.facts.unlearned
            )
            for one in DIAGNOSES
        ],
        operating_points=[list_points(kind, of_kind) for kind, of_kind in kinds.items()],
        use=RESEARCH_USE,
    )


def list_points(kind: str, calibration: KindCalibration) -> KindPoints:
    """The operating points of one kind of photo."""
    points = [Point(**as_point_record(name, point)) for name, point in calibration.operating_points.items()]
    return KindPoints.model_validate({"kind": kind, "default": calibration.default_operating_point, "points": points})


def add_refusals(api: FastAPI, limits: Limits) -> None:
    """One sentence for all that goes wrong."""

    def refuse_http(_: Request, error: StarletteHTTPException) -> Response:
        return refuse(error.status_code, SENTENCES.get(error.status_code, str(error.detail)), dict(error.headers or {}))

    def refuse_form(_: Request, error: RequestValidationError) -> Response:
        fields = {str(one["loc"][-1]) if len(one["loc"]) < 3 else str(one["loc"][1]) for one in error.errors()}
        if "kind" in fields:
            return refuse(422, "`kind` is dermoscopic or clinical; leave it out and the network sees it for itself.")
        if any(one["type"] == "too_long" for one in error.errors()):
            return refuse(422, f"A lesion has {limits.photos} photos at most: send fewer.")
        return refuse(422, f"There is no photo. {FORM}")

    api.add_exception_handler(StarletteHTTPException, refuse_http)  # type: ignore[arg-type]
    api.add_exception_handler(RequestValidationError, refuse_form)  # type: ignore[arg-type]
    api.add_exception_handler(
        TooBusyError, lambda _, error: refuse(503, str(error), {"Retry-After": str(int(PATIENCE))})
    )
    api.add_exception_handler(RunError, lambda _, error: refuse(422, str(error)))
    api.add_exception_handler(Exception, answer_fault)
